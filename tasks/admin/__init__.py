from tasks.admin import answer_template, boundary, claim, rule, shift, task, wish

__all__ = ["answer_template", "boundary", "claim", "rule", "shift", "task", "wish"]
