from typing import Any

from tasks.actions.task_offer import ShiftTime
from tasks.forms.seen import SeenForm
from tasks.forms.shift import ShiftForm, hours_of
from tasks.models import Shift
from tasks.queries.shift_change import shift_seen

HOURS = ("day", "starts", "ends")


class ShiftChangeForm(ShiftForm, SeenForm):
    """The hours and places of a shift; by agreement the places alone. For whom the places are stays as it is."""

    def __init__(self, sent: Any = None, *, shift: Shift) -> None:
        self.shift = shift
        super().__init__(sent, initial={**hours_of(shift), "capacity": shift.capacity, "seen": shift_seen(shift)})
        kept = {"capacity", "seen", *(() if shift.by_agreement else HOURS)}
        for name in set(self.fields) - kept:
            del self.fields[name]

    def shift_time(self) -> ShiftTime:
        """Hours that were left alone are those of the shift, to the second."""
        if set(HOURS) & set(self.changed_data):
            return super().shift_time()
        return ShiftTime(
            self.shift.starts_at, self.shift.ends_at, self.cleaned_data["capacity"], self.shift.by_agreement
        )
