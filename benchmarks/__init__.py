"""Measures accuracy and speed, also of other programs. Nothing in src imports this package.

`accuracy`, `resolution` and `linking` measure accuracy, `speed`, `site_latency`, `scale`,
`pathological` and `repeated_pieces` time and memory. `results` and `tables` write what was measured
into docs/.
"""
