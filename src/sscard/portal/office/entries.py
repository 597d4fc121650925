"""What the office puts into the navigation: (path, word code, right)."""

ENTRIES = [
    ("/office/staff/", "office.nav_staff", "control.staff_view"),
    ("/office/", "office.nav", "control.area_pack"),
    ("/office/values/", "office.nav_values", "control.area_pack"),
    ("/office/pack/", "packs.nav", "control.area_pack"),
    ("/office/producers/", "producers.nav", "issuing.register_producer"),
    ("/office/clock/", "office.nav_clock", "control.clock_move"),
]
