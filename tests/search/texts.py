"""Texts of workers that nobody is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

ROLES = ["Forklift Operator", "CNC Machinist", "Warehouse Associate", "Welder", "Machine Operator", "Assembler"]
CITIES = ["Aurora IL", "Springfield IL", "Detroit MI", "Indianapolis IN", "Columbus OH", "Joliet IL", "Gary IN"]
SKILLS = ["night shift", "certified", "bilingual", "overtime", "safety trained", "team lead", "CDL", "weekends"]


def worker(draw: random.Random) -> str:
    """Draw what is said of a worker, or asked for."""
    skills = ", ".join(draw.sample(SKILLS, draw.randint(1, 3)))
    return f"{draw.choice(ROLES)} @ {draw.choice(CITIES)}: {skills}, {draw.randint(1, 30)} years"


def workers(draw: random.Random, count: int) -> dict[str, str]:
    """Draw workers, by id."""
    return {f"w-{at:04}": worker(draw) for at in range(count)}
