"""As many more products as a benchmark wants, made up from words; cheap and repeatable."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from shop.management.demo.assortment import COLOUR, Options, Product, Variant, load, slug
from shop.management.demo.colours import NAMED

# fmt: off
SERIES: Final = (
    "Aldra", "Bexa", "Corvo", "Dalen", "Elva", "Fenna", "Garda", "Hesla", "Isola", "Jorda",
    "Kelva", "Lunda", "Marna", "Nessa", "Orla", "Pelva", "Quira", "Rondal", "Selva", "Torva",
    "Ulva", "Varde", "Wenla", "Ysta", "Zinna", "Askel", "Birka", "Dunlin", "Eskdal", "Furlo",
    "Glenna", "Holma", "Inver", "Kestrel", "Lomma", "Mirren", "Norrla", "Ossian", "Plover",
    "Runa", "Skarv", "Tarva",
)
ADJECTIVES: Final = (
    "Light", "Sturdy", "Plain", "Folding", "Low", "Tall", "Wide", "Slim", "Quiet", "Soft",
    "Bright", "Early", "Late", "Northern", "Coastal", "Alpine", "Country", "Urban", "Weekend",
    "Everyday", "Classic", "Modern", "Compact", "Generous", "Little",
)
# fmt: on
SIZES: Final = ("S", "M", "L")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a made-up product can be: prices in euro cents from `low`, weights in grams."""

    noun: str
    category: str
    motif: str
    low: int
    weight: int
    materials: tuple[str, ...]
    sized: bool = False


CLAY: Final = ("Stoneware", "Porcelain", "Terracotta", "Earthenware", "Enamel")
METAL: Final = ("Steel", "Cast Iron", "Copper", "Aluminium", "Brass")
WOOD: Final = ("Oak", "Walnut", "Ash", "Birch", "Beech")
CLOTH: Final = ("Wool", "Linen", "Cotton", "Merino", "Hemp")
GLASS: Final = ("Glass", "Crystal", "Borosilicate", "Recycled Glass", "Smoked Glass")
GEAR: Final = ("Ripstop", "Canvas", "Nylon", "Waxed Cotton", "Recycled Polyester")
WAX: Final = ("Beeswax", "Soy Wax", "Rapeseed Wax", "Olive Wax", "Palm-free Wax")
PAPER: Final = ("Cotton Paper", "Recycled Paper", "Stone Paper", "Laid Paper", "Kraft Paper")

KINDS: Final = (
    Kind("Mug", "cups-bowls", "mug", 900, 320, CLAY),
    Kind("Cup", "cups-bowls", "mug", 700, 220, CLAY),
    Kind("Bowl", "cups-bowls", "bowl", 1200, 540, CLAY),
    Kind("Casserole", "cookware", "pot", 5900, 3200, METAL, sized=True),
    Kind("Frying Pan", "cookware", "pan", 3900, 1400, METAL, sized=True),
    Kind("Knife", "knives-boards", "knife", 2900, 180, METAL),
    Kind("Cutting Board", "knives-boards", "board", 2400, 1300, WOOD, sized=True),
    Kind("Teapot", "tea-carafes", "teapot", 3900, 900, CLAY),
    Kind("Carafe", "tea-carafes", "carafe", 2200, 600, GLASS),
    Kind("Table Lamp", "lamps", "lamp", 5900, 1600, CLOTH),
    Kind("Pendant Lamp", "lamps", "pendant", 6900, 1500, METAL),
    Kind("Throw", "blankets-cushions", "blanket", 4900, 900, CLOTH),
    Kind("Cushion", "blankets-cushions", "cushion", 1900, 600, CLOTH),
    Kind("Candle", "candles", "candle", 900, 350, WAX, sized=True),
    Kind("Vase", "vases-pots", "vase", 1900, 900, CLAY),
    Kind("Planter", "vases-pots", "planter", 1500, 1200, CLAY, sized=True),
    Kind("Tent", "tents-hammocks", "dome tent", 14900, 2600, GEAR),
    Kind("Hammock", "tents-hammocks", "hammock", 3900, 800, GEAR),
    Kind("Sleeping Bag", "sleeping-bags", "sleeping bag", 7900, 1400, GEAR),
    Kind("Lantern", "lanterns-tools", "lantern", 2500, 700, METAL),
    Kind("Hatchet", "lanterns-tools", "hatchet", 4900, 800, METAL),
    Kind("Backpack", "backpacks", "backpack", 5900, 900, GEAR, sized=True),
    Kind("Tote", "bags-totes", "tote", 1900, 350, GEAR),
    Kind("Bottle", "bottles", "bottle", 1500, 300, METAL, sized=True),
    Kind("Jacket", "jackets", "rain jacket", 9900, 600, GEAR, sized=True),
    Kind("Boots", "boots", "boots", 8900, 1200, GEAR, sized=True),
    Kind("Beanie", "hats-socks", "beanie", 1500, 90, CLOTH),
    Kind("Socks", "hats-socks", "socks", 900, 80, CLOTH, sized=True),
    Kind("Notebook", "notebooks", "notebook", 700, 260, PAPER),
    Kind("Pen Set", "writing", "pens", 1100, 70, METAL),
    Kind("Chair", "seating", "chair", 12900, 5200, WOOD),
    Kind("Stool", "seating", "stool", 5900, 3200, WOOD),
    Kind("Desk Lamp", "desk-lamps-clocks", "desk lamp", 4900, 1700, METAL),
    Kind("Wall Clock", "desk-lamps-clocks", "clock", 2900, 800, WOOD),
    Kind("Desk Organiser", "order-storage", "organiser", 1400, 450, WOOD),
    Kind("Tray", "order-storage", "tray", 1900, 600, WOOD),
)

# Every name is one of these many combinations, taken in an order that looks unordered: a step
# that shares no factor with the count visits each combination once.
COMBINATIONS: Final = len(SERIES) * len(ADJECTIVES) * 5
STEP: Final = 1_237
MOST: Final = COMBINATIONS * len(KINDS)
COLOURS: Final = tuple(NAMED)


def generated(count: int) -> Iterator[Product]:
    """The first `count` made-up products; the n-th is the same in every run.

    Names, slugs and SKUs are unique, also beside the assortment's.

    Raises:
        ValueError: when more are asked for than there are names (MOST).
    """
    if count > MOST:
        raise ValueError(f"There are names for {MOST} products, not for {count}.")
    brands = tuple(brand.name for brand in load().brands)
    return (_product(index, brands) for index in range(count))


def _product(index: int, brands: tuple[str, ...]) -> Product:
    turn, place = divmod(index, len(KINDS))
    kind = KINDS[place]
    rest, series = divmod(turn * STEP % COMBINATIONS, len(SERIES))
    material_at, adjective_at = divmod(rest, len(ADJECTIVES))
    material, adjective = kind.materials[material_at], ADJECTIVES[adjective_at]
    name = f"{SERIES[series]} {adjective} {material} {kind.noun}"
    noise = _noise(index)
    variants = tuple(_variants(index, kind, noise))
    return Product(
        name=name,
        slug=slug(name),
        description=(
            f"{SERIES[series]} is our {adjective.lower()} line, and this {kind.noun.lower()} of "
            f"{material.lower()} is its quiet centre. Made for daily use and easy to repair."
        ),
        # A brand keeps to its series, so that brand and name agree.
        brand=brands[series % len(brands)],
        category=kind.category,
        motif=kind.motif,
        colour=variants[0].colour or COLOURS[noise % len(COLOURS)],
        status="ACTIVE",
        published_in_days=-1 - noise % 900,
        pictures=1,
        variants=variants,
        attributes=(("Material", material), ("Line", adjective)),
    )


def _variants(index: int, kind: Kind, noise: int) -> Iterator[Variant]:
    """One to three. Prices end in 90 and reach three times the lowest of the kind."""
    price = kind.low + kind.low * (noise % 200) // 100 // 100 * 100 + 90
    reduced = noise % 7 == 0
    for n, options in enumerate(_choices(kind, noise)):
        asked = price + n * (kind.low // 1000 * 100 if kind.sized else 0)
        yield Variant(
            sku=f"X{index:06d}-{n + 1}",
            options=options,
            price_minor=asked,
            compare_at_minor=asked * 5 // 4 // 10 * 10 if reduced else None,
            weight_grams=kind.weight + noise % 97 + n * 20,
            stock=0 if (noise >> n) % 9 == 0 else (noise >> (n + 3)) % 60,
        )


def _choices(kind: Kind, noise: int) -> list[Options]:
    count = 1 + noise // 11 % 3
    if count == 1:
        return [()]
    if kind.sized:
        return [(("Size", size),) for size in SIZES[:count]]
    first = noise // 37
    return [((COLOUR, COLOURS[(first + n * 5) % len(COLOURS)]),) for n in range(count)]


def _noise(index: int) -> int:
    """A number that looks thrown, the same for the same index; far cheaper than a Random."""
    mixed = (index + 1) * 0x9E3779B1 & 0xFFFFFFFF
    mixed = (mixed ^ (mixed >> 15)) * 0x85EBCA77 & 0xFFFFFFFF
    return mixed ^ (mixed >> 13)
