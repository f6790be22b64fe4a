"""What a worker can be: roles with their skills and certifications, hours, and the places where industry is.

The order of every list is part of what a seed means: a change here makes other corpora
(`fixtures/contract/workers.md`).
"""

from __future__ import annotations

from typing import NamedTuple


class Role(NamedTuple):
    """A role, how many of a hundred free workers have it, and what they know."""

    name: str
    weight: int
    skills: tuple[str, ...]
    certifications: tuple[str, ...]


ROLES = (
    Role(
        "Forklift Operator",
        11,
        ("sit-down forklift", "reach truck", "order picker", "pallet stacking", "dock loading", "RF scanner"),
        ("OSHA Forklift", "OSHA 10", "Hazmat Handling"),
    ),
    Role(
        "CNC Machinist",
        7,
        ("CNC milling", "CNC turning", "G-code", "blueprint reading", "micrometers", "Fanuc controls"),
        ("NIMS Machining", "OSHA 10", "Mastercam"),
    ),
    Role(
        "Machine Operator",
        9,
        ("press operation", "machine setup", "line changeover", "quality checks", "preventive maintenance", "calipers"),
        ("OSHA 10", "Lockout Tagout", "Lean Basics"),
    ),
    Role(
        "Warehouse Associate",
        13,
        ("receiving", "put-away", "cycle counting", "RF scanner", "pallet jack", "inventory control"),
        ("OSHA 10", "First Aid", "Pallet Jack"),
    ),
    Role(
        "Picker",
        8,
        ("order picking", "voice picking", "RF scanner", "pallet jack", "bin replenishment", "label printing"),
        ("OSHA 10", "Pallet Jack"),
    ),
    Role(
        "Loader",
        7,
        ("trailer loading", "hand stacking", "load securing", "dock plates", "pallet jack", "shrink wrapping"),
        ("OSHA 10", "Hazmat Handling"),
    ),
    Role(
        "Shipping Clerk",
        5,
        ("bills of lading", "carrier booking", "freight labels", "data entry", "parcel systems", "returns"),
        ("Hazmat Shipping", "IATA Dangerous Goods"),
    ),
    Role(
        "Welder",
        6,
        ("MIG welding", "TIG welding", "stick welding", "blueprint reading", "grinding", "plasma cutting"),
        ("AWS D1.1", "AWS D1.2", "OSHA 10"),
    ),
    Role(
        "Assembler",
        8,
        ("hand tools", "torque wrenches", "soldering", "wiring harnesses", "work instructions", "visual inspection"),
        ("IPC-A-610", "OSHA 10", "Lean Basics"),
    ),
    Role(
        "Packer",
        7,
        ("case packing", "pallet building", "labelling", "shrink wrapping", "weight checks", "food packing"),
        ("Food Handler", "OSHA 10"),
    ),
    Role(
        "Electrician",
        4,
        ("conduit bending", "motor controls", "troubleshooting", "panel wiring", "PLC basics", "blueprint reading"),
        ("Journeyman Licence", "OSHA 30", "NFPA 70E"),
    ),
    Role(
        "Maintenance Technician",
        4,
        ("hydraulics", "pneumatics", "conveyor repair", "PLC basics", "preventive maintenance", "troubleshooting"),
        ("Lockout Tagout", "OSHA 30", "CMRT"),
    ),
    Role(
        "Quality Inspector",
        4,
        ("calipers", "micrometers", "sampling plans", "visual inspection", "CMM operation", "first article reports"),
        ("ASQ CQI", "Six Sigma Yellow Belt"),
    ),
    Role(
        "Truck Driver",
        4,
        ("regional routes", "local delivery", "pre-trip inspection", "electronic logs", "liftgate", "load securing"),
        ("CDL A", "CDL B", "Hazmat Endorsement", "TWIC"),
    ),
    Role(
        "Production Supervisor",
        2,
        ("shift planning", "lean boards", "safety walks", "onboarding", "root cause analysis", "scheduling"),
        ("OSHA 30", "Six Sigma Green Belt", "First Aid"),
    ),
    Role(
        "Sanitation Worker",
        1,
        ("foam cleaning", "chemical dilution", "equipment teardown", "allergen control", "washdown", "waste handling"),
        ("Food Handler", "Hazmat Handling"),
    ),
)

MAIN_ROLES = ROLES[:8]
"""The roles that every hub has in every block (see `generate.py`)."""

HUBS = (
    ("Aurora", "IL"),
    ("Joliet", "IL"),
    ("Springfield", "IL"),
    ("Chicago", "IL"),
    ("Rockford", "IL"),
    ("Aurora", "CO"),
    ("Springfield", "MO"),
    ("Kansas City", "MO"),
    ("Detroit", "MI"),
    ("Grand Rapids", "MI"),
    ("Indianapolis", "IN"),
    ("Fort Wayne", "IN"),
    ("Columbus", "OH"),
    ("Toledo", "OH"),
    ("Memphis", "TN"),
    ("Louisville", "KY"),
    ("Milwaukee", "WI"),
    ("Allentown", "PA"),
    ("Newark", "NJ"),
    ("Atlanta", "GA"),
    ("Dallas", "TX"),
    ("Houston", "TX"),
    ("Ontario", "CA"),
    ("Phoenix", "AZ"),
)
"""Where staffing is asked for: warehouses and works, two Auroras and two Springfields among them."""

HOURS = (("days", 45), ("evenings", 20), ("nights", 15), ("weekends", 12), ("any", 8))
"""When a worker is available, and how many of a hundred are."""
