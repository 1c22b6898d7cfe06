"""A layout for small directed graphs: layers from left to right, with few crossings."""


def layered(nodes, edges):
    """Where to draw each node of a graph without cycles.

    Args:
        nodes: hashable and no tuples, in an order in which every edge leads forward.
        edges: pairs (from, to).

    Returns:
        (places, ways): the place (layer, row) of each node, layers from 0, rows real numbers around 0; and for each
        edge the places through which it passes, ends included, so that it goes around the nodes of the layers between.
    """
    layer = {}
    for node in nodes:
        layer[node] = 1 + max((layer[a] for a, b in edges if b == node), default=-1)
    for node in reversed(nodes):  # what nothing leads to stands right before its first use
        after = [layer[b] for a, b in edges if a == node]
        if after and not any(b == node for a, b in edges):
            layer[node] = min(after) - 1
    ways = {}
    columns = [[] for _ in range(1 + max(layer.values(), default=0))]
    for node in nodes:
        columns[layer[node]].append(node)
    for a, b in dict.fromkeys(edges):
        through = [(a, b, k) for k in range(layer[a] + 1, layer[b])]  # an edge takes a place in every layer it crosses
        for k, stop in enumerate(through, layer[a] + 1):
            columns[k].append(stop)
        ways[a, b] = [a, *through, b]
    neighbours = {stop: [] for column in columns for stop in column}
    for way in ways.values():
        for a, b in zip(way, way[1:]):
            neighbours[a].append(b)
            neighbours[b].append(a)
    place = _order(columns, neighbours)
    return {node: place[node] for node in nodes}, {edge: [place[stop] for stop in way] for edge, way in ways.items()}


def _order(columns, neighbours):
    """Sweeps to and fro, each layer sorted by where its neighbours in the layer before are; keeps the best."""
    row = {stop: i - (len(column) - 1) / 2 for column in columns for i, stop in enumerate(column)}
    best, least = row, float("inf")
    for sweep in [columns, columns[::-1]] * 8:
        done = set()
        for column in sweep:
            near = {stop: [row[n] for n in neighbours[stop] if n in done] or [row[stop]] for stop in column}
            wanted = {stop: sum(rows) / len(rows) for stop, rows in near.items()}
            column.sort(key=wanted.get)
            row |= _spread(column, wanted)
            done.update(column)
        bends = sum((row[a] - row[b]) ** 2 for a in neighbours for b in neighbours[a])
        if (cost := bends + 10 * _crossings(columns, neighbours, row)) < least:
            best, least = dict(row), cost
    middle = (min(best.values()) + max(best.values())) / 2
    return {stop: (k, best[stop] - middle) for k, column in enumerate(columns) for stop in column}


def _spread(column, wanted):
    """Rows near the wanted ones, in the column's order, nodes 1 apart, edges less: passes from both sides, averaged."""
    size = {stop: 0.3 if isinstance(stop, tuple) else 1.0 for stop in column}
    passes = []
    for sign, order in ((1, column), (-1, column[::-1])):
        rows, at, before = {}, float("-inf"), 0.0
        for stop in order:
            at = rows[stop] = max(sign * wanted[stop], at + (size[stop] + before) / 2)
            before = size[stop]
        passes.append({stop: sign * value for stop, value in rows.items()})
    return {stop: (passes[0][stop] + passes[1][stop]) / 2 for stop in column}


def _crossings(columns, neighbours, row):
    count = 0
    for left, right in zip(columns, columns[1:]):
        lines = [(row[a], row[b]) for a in left for b in neighbours[a] if b in set(right)]
        count += sum((a - c) * (b - d) < 0 for i, (a, b) in enumerate(lines) for c, d in lines[:i])
    return count
