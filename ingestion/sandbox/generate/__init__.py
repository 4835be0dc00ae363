"""Generators of the sandbox company: one module per concept, every one fed by the same seeded random source.

What belongs here: how invented facts come about. What does not: the dataclasses themselves and any wire format.
"""
