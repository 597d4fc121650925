"""Employer: an employer's handler registers its staff and sees what became of each registration. No bank data here."""
