from tasks.admin import boundary, claim, rule, shift, task, wish

__all__ = ["boundary", "claim", "rule", "shift", "task", "wish"]
