"""How many flags a person may have in a year for one matter, and for adopted suggestions (domain rule 5).

What is in force is counted: the sum of the lines, for each is one flag. On PostgreSQL the ledger itself refuses more,
whoever writes it: the trigger holds the person's row, so that of two at once the second counts the first. It looks
at accounts that were merged, too. On SQLite, which has one writer at a time, the actions look before they write.
"""

FOR_ONE_MATTER = 2
FOR_SUGGESTIONS = 2

FUNCTION = f"""
CREATE OR REPLACE FUNCTION vanguard_award_limit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    person bigint;
    given integer;
BEGIN
    SELECT COALESCE(merged_into_id, id) INTO person FROM accounts_member WHERE id = NEW.member_id;
    PERFORM 1 FROM accounts_member WHERE id = person FOR NO KEY UPDATE;
    SELECT COALESCE(SUM(award.value), 0) INTO given
    FROM flags_flagaward award JOIN accounts_member member ON member.id = award.member_id
    WHERE (member.id = person OR member.merged_into_id = person) AND award.year = NEW.year
      AND CASE WHEN NEW.matter_id IS NULL THEN award.suggestion_id IS NOT NULL ELSE award.matter_id = NEW.matter_id END;
    IF given + NEW.value > (CASE WHEN NEW.matter_id IS NULL THEN {FOR_SUGGESTIONS} ELSE {FOR_ONE_MATTER} END) THEN
        RAISE EXCEPTION 'more flags than a year may have' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""

TRIGGER = """
CREATE TRIGGER "flags_flagaward_limit" BEFORE INSERT ON "flags_flagaward" FOR EACH ROW
WHEN (NEW.value > 0 AND (NEW.matter_id IS NOT NULL OR NEW.suggestion_id IS NOT NULL))
EXECUTE FUNCTION vanguard_award_limit()
"""
