-- The demo table: `records`, filled with generated rows.
--
-- How many comes from the setting polystream.rows, 10,000,000 by default:
--
--   psql -f init-db.sql
--   PGOPTIONS='-c polystream.rows=1000000' psql -f init-db.sql
--   postgres -c polystream.rows=1000000          (a container's command)
--   SET polystream.rows = 1000000                (before it, in one session)
--
-- Every value is a function of the row number alone, so any two seedings of n rows are equal.
-- It is one block, hence one transaction: an interrupted run leaves nothing behind. A table that
-- has rows is left as it is.
--
-- Progress: a notice every 5 percent, and "polystream seeding N of M" as the session's
-- application_name, which others see at once in pg_stat_activity (the rows are not visible before
-- the end).

DO $seed$
DECLARE
    setting text := coalesce(nullif(trim(current_setting('polystream.rows', true)), ''), '10000000');
    total bigint;
    done bigint := 0;
    upto bigint;
    batch bigint;
    seeded bigint;
BEGIN
    IF setting !~ '^[0-9]{1,12}$' THEN
        RAISE EXCEPTION 'polystream.rows must be a whole number of rows such as 1000000, not "%"', setting
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    total := setting::bigint;

    -- Two first runs at once: the second waits here, then finds the rows of the first.
    PERFORM pg_advisory_xact_lock(hashtext('polystream.records'));

    CREATE TABLE IF NOT EXISTS records (
        id BIGSERIAL PRIMARY KEY,
        created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        name VARCHAR(255) NOT NULL,
        value DECIMAL(18,4) NOT NULL,
        metadata JSONB NOT NULL
    );

    SELECT count(*) INTO seeded FROM records;
    IF seeded > 0 THEN
        RAISE NOTICE 'already seeded: records has % rows', seeded;
        RETURN;
    END IF;

    batch := greatest(ceil(total / 20.0), 1);
    WHILE done < total LOOP
        upto := least(done + batch, total);

        -- Casting a text is faster than jsonb_build_object.
        INSERT INTO records (id, created_at, name, value, metadata)
        SELECT n,
               timestamptz '2026-02-15 10:00:01+00' + n * interval '2.500125 seconds',
               'Record_' || n,
               (n * 7919 % 1000000000 - 250000000) * 0.0001,
               ('{"description": "Description of record ' || n
                || '", "category": "' || chr(65 + (n % 5)::int)
                || '", "tags": ["tag_' || n % 10 || '", "tag_' || n % 7 + 10
                || '"], "active": ' || CASE WHEN n % 3 = 0 THEN 'false' ELSE 'true' END
                || ', "score": ' || n * 37 % 1000 * 0.1 || '}')::jsonb
        FROM generate_series(done + 1, upto) AS n;

        done := upto;
        PERFORM set_config('application_name', format('polystream seeding %s of %s', done, total), true);
        RAISE NOTICE 'seeded % of % rows', done, total;
    END LOOP;

    IF total > 0 THEN
        PERFORM setval(pg_get_serial_sequence('records', 'id'), total);
    END IF;
    ANALYZE records;
END
$seed$;
