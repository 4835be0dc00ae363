"""Reports on their way: one immutable message per recipient, the channels that carry it, the engine that journals every step.

Belongs here: recipients, messages, wires, retries, the bot. Does not: figures, layout, schedules of the orchestrator.
"""
