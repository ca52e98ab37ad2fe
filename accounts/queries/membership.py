"""Which unit a member belongs to on a day, as a condition of raw statements."""

# Should two memberships overlap by mistake, the one begun last decides, so that nobody counts twice.
BELONGS = """membership.starts_on <= %(day)s AND (membership.ends_on IS NULL OR membership.ends_on > %(day)s)
      AND NOT EXISTS (
        SELECT 1 FROM accounts_unitmembership later
        WHERE later.member_id = membership.member_id
          AND later.starts_on <= %(day)s AND (later.ends_on IS NULL OR later.ends_on > %(day)s)
          AND (later.starts_on > membership.starts_on
               OR later.starts_on = membership.starts_on AND later.id > membership.id))"""
