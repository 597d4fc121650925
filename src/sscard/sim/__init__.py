"""Sim: the virtual world around the product. It is a product of its own: made-up people, a bureau's dirty roster, a city of
organisations and staff, a producer, banks' file programs, devices. Nothing here belongs to anybody: ID numbers are in
unassigned districts, all other numbers begin with 9. It speaks to the product as the real world would: files, HTTP, programs.
"""
