"""Every motif by its name, as the assortment calls it."""

from collections.abc import Mapping
from typing import Final

from shop.management.demo.motifs import camp, carry, lights, living, study, table, wear
from shop.management.demo.motifs.look import Look, Motif

__all__ = ["MOTIFS", "Look", "Motif"]

MOTIFS: Final[Mapping[str, Motif]] = {
    "backpack": Motif(carry.backpack),
    "beanie": Motif(wear.beanie),
    "blanket": Motif(living.blanket),
    "board": Motif(table.board, "lies", zoom=0.92),
    "bookends": Motif(study.bookends, pairs=False),
    "bobble hat": Motif(wear.bobble_hat),
    "boots": Motif(wear.boots),
    "bottle": Motif(carry.bottle),
    "bowl": Motif(table.bowl, zoom=1.05),
    "candle": Motif(lights.candle, zoom=1.1),
    "carafe": Motif(table.carafe),
    "chair": Motif(living.chair),
    "clock": Motif(living.clock, "hangs"),
    "cushion": Motif(living.cushion),
    "desk lamp": Motif(lights.desk_lamp),
    "dome tent": Motif(camp.dome_tent, zoom=0.86),
    "down jacket": Motif(wear.down_jacket, "hangs", zoom=0.92),
    "hammock": Motif(camp.hammock, zoom=0.82, pairs=False),
    "hatchet": Motif(camp.hatchet, "lies", zoom=0.95),
    "knife": Motif(table.knife, "lies", zoom=0.9),
    "lamp": Motif(lights.lamp),
    "lantern": Motif(camp.lantern),
    "mug": Motif(table.mug),
    "notebook": Motif(study.notebook, "lies", zoom=0.95),
    "organiser": Motif(study.organiser),
    "pan": Motif(table.pan, "lies", zoom=0.86),
    "pencils": Motif(study.pencils, "lies", zoom=0.86),
    "pendant": Motif(lights.pendant, "hangs", zoom=0.9),
    "pens": Motif(study.pens, "lies", zoom=0.86),
    "planter": Motif(living.planter),
    "pot": Motif(table.pot),
    "rain jacket": Motif(wear.rain_jacket, "hangs", zoom=0.92),
    "ridge tent": Motif(camp.ridge_tent, zoom=0.86),
    "sleeping bag": Motif(camp.sleeping_bag, "lies", zoom=0.88),
    "socks": Motif(wear.socks, "lies"),
    "stool": Motif(living.stool),
    "teapot": Motif(table.teapot),
    "tote": Motif(carry.tote),
    "tray": Motif(study.tray, "lies"),
    "vase": Motif(living.vase),
}
