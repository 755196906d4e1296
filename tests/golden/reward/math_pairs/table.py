"""The table that the other files fill: rows of gold, pred, equivalent, kind and, where it applies, debate."""

rows = []


def pairs(kind, gold, equal=(), different=()):
    for pred in equal:
        rows.append({"gold": gold, "pred": pred, "equivalent": True, "kind": kind})
    for pred in different:
        rows.append({"gold": gold, "pred": pred, "equivalent": False, "kind": kind})


def debated(kind, gold, pred, equivalent, why):
    rows.append({"gold": gold, "pred": pred, "equivalent": equivalent, "kind": kind, "debate": why})
