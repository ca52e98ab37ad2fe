"""The bare statement of a claim in pgbench: what PostgreSQL alone does in the same time on the same machine."""

import re
import subprocess
from pathlib import Path

CLIENTS = 8
SECONDS = 1
# Each turn is another member in another shift, so that nothing is refused.
SCRIPT = """
\\set i :i + 1
\\set turn :i * {clients} + :client_id
\\set member {member} + :turn % {members}
\\set shift {shift} + (:turn + :turn / {members}) % {shifts}
WITH u AS (
    UPDATE tasks_shift SET taken = taken + 1 WHERE id = :shift AND taken < capacity RETURNING id, starts_at, ends_at
)
INSERT INTO tasks_claim (
    shift_id, member_id, community_id, starts_at, ends_at, status, claimed_at, companions, withdraw_reason, report
)
SELECT id, :member, {community}, starts_at, ends_at, 'HELD', now(), 0, '', '' FROM u RETURNING id;
"""


def claims_a_second(programs: Path, address: list[str], shifts: list[int]) -> float:
    """How many claims eight clients write a second, spread over `shifts`; each of them is found in the table."""
    command = [str(programs / "pgbench"), *address, "-n", "-c", str(CLIENTS), "-D", "i=0", "-T", str(SECONDS)]
    done = subprocess.run([*command, "-f", "/dev/stdin"], input=script(shifts), capture_output=True, text=True)
    told = re.search(r"actually processed: (\d+).*tps = ([\d.]+)", done.stdout, re.DOTALL)
    if done.returncode or not told:
        raise SystemExit(f"pgbench has failed:\n{done.stderr}{done.stdout}")
    assert_written(int(told[1]))
    return float(told[2])


def script(shifts: list[int]) -> str:
    from django.db.models import Count, Max, Min

    from accounts.models import Member, Organization

    keys = Member.objects.aggregate(first=Min("pk"), last=Max("pk"), n=Count("pk"))
    assert keys["last"] - keys["first"] + 1 == keys["n"]
    assert shifts[-1] - shifts[0] + 1 == len(shifts)
    community = Organization.objects.communities().values_list("pk", flat=True)[0]
    numbers = {"member": keys["first"], "members": keys["n"], "shift": shifts[0], "shifts": len(shifts)}
    return SCRIPT.format(clients=CLIENTS, community=community, **numbers)


def assert_written(n: int) -> None:
    from django.utils import timezone

    from tasks.models import Claim

    written = Claim.objects.filter(starts_at__gt=timezone.now()).count()
    assert written == n, f"pgbench says that it wrote {n} claims, and {written} are there"
