-- Writes all records or none, when the board is where the writer believes it to be and the writer's lease, if it has
-- one, is still its own. A function, because the database keeps its plan for the next call whatever stands in between.
--
-- The row of the lease is locked by whoever writes with it: a lease that is taken at the same moment is taken before or
-- after that, never in between. So is the board's, by its update: of two writers at one revision the second waits, and
-- then finds another one. Each statement sees what was there when it began, and so what the other has written.
--
-- No lock is waited for so long that the writer has given up before: it would then write what was said to be refused. For
-- a row one waits twice where others wait, too: in the queue, and then at its head. Both rows together stay below the ten
-- seconds of a writer's patience.
CREATE FUNCTION ptgbot.append(
    here bigint,
    expected bigint,
    new_revisions bigint[],
    new_records text[],
    new_people text[],
    naming bigint[],
    of_account text,
    of_number bigint,
    stands text,
    OUT held boolean,
    OUT written boolean,
    OUT actual bigint
) LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
BEGIN
    held := of_account IS NULL;
    written := false;
    IF NOT held THEN
        PERFORM FROM ptgbot.lease WHERE board = here AND account = of_account AND number = of_number FOR UPDATE;
        held := FOUND;
    END IF;
    IF held THEN
        UPDATE ptgbot.board SET revision = expected + cardinality(new_revisions)
        WHERE id = here AND revision = expected RETURNING revision INTO actual;
        written := FOUND;
    END IF;
    IF NOT written THEN
        SELECT revision INTO actual FROM ptgbot.board WHERE id = here;
        RETURN;
    END IF;
    INSERT INTO ptgbot.change (board, revision, record)
    SELECT here, one.revision, one.record::json FROM unnest(new_revisions, new_records) AS one (revision, record);
    INSERT INTO ptgbot.named (board, person, revision)
    SELECT here, one.person, one.revision FROM unnest(new_people, naming) AS one (person, revision)
    ON CONFLICT DO NOTHING;
    IF stands IS NOT NULL THEN
        UPDATE ptgbot.lease SET place = stands WHERE board = here AND account = of_account AND number = of_number;
    END IF;
    -- A server that may lose commits in a crash is told not to lose this one.
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    PERFORM pg_notify('ptgbot_' || here, actual::text);
END
$$;
