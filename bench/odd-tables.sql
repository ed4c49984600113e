-- Odd tables, to compare exports of them cell by cell (bench/verify-all.sh).
-- Makes the schema `odd` anew. Needs PostgreSQL 15 or later and a database in UTF-8.

SET client_min_messages = warning;
DROP SCHEMA IF EXISTS odd CASCADE;
CREATE SCHEMA odd;
SET search_path = odd, pg_catalog;

-- ---------------------------------------------------------------- every type, and arrays of each

-- One column per type: a value, NULL. A type the server was built without is left out.
DO $$
DECLARE
    samples text[] := ARRAY[
        ['aclitem', quote_ident(current_user) || '=r/' || quote_ident(current_user)],
        ['bit(5)', '10110'], ['varbit', '1'], ['varbit(7)', '0000001'], ['bool', 't'], ['box', '(3,4),(1,2)'],
        ['bpchar', 'ab '], ['char(5)', 'ab'], ['bytea', '\x00ff10'], ['"char"', 'x'], ['cid', '7'],
        ['cidr', '10.1.0.0/16'], ['circle', '<(1,2),3>'], ['date', '2026-02-15'], ['float4', '0.1'],
        ['float8', '1e300'], ['inet', '10.0.0.1'], ['inet', '10.0.0.1/8'], ['inet', '::1'], ['int2', '-32768'],
        ['int4', '-2147483648'], ['int8', '-9223372036854775808'], ['int2vector', '1 2 3'],
        ['interval', '1 year 2 mons 3 days 04:05:06.789'], ['json', '{"b": 1, "a": [1.0, null]}'],
        ['jsonb', '{"b": 1, "a": [1.0, null]}'], ['jsonpath', '$."a"[*] ? (@ > 1)'], ['line', '{1,2,3}'],
        ['lseg', '[(1,2),(3,4)]'], ['macaddr', '08:00:2b:01:02:03'], ['macaddr8', '08:00:2b:01:02:03:04:05'],
        ['money', '-1234.56'], ['name', 'a "name"'], ['numeric', '-0.00012300'], ['numeric(18,4)', '12.5'],
        ['oid', '4294967295'], ['oidvector', '1 2'], ['path', '((1,2),(3,4))'], ['path', '[(1,2),(3,4)]'],
        ['pg_lsn', '16/B374D848'], ['pg_snapshot', '10:20:10,14'], ['point', '(1.5,-2)'],
        ['polygon', '((0,0),(0,1),(1,1))'], ['refcursor', 'c'], ['regclass', 'pg_class'],
        ['regcollation', '"C"'], ['regconfig', 'simple'], ['regdictionary', 'simple'],
        ['regnamespace', 'pg_catalog'], ['regoper', '|/'], ['regoperator', '+(integer,integer)'],
        ['regproc', 'now'], ['regprocedure', 'abs(integer)'], ['regrole', 'pg_monitor'], ['regtype', 'integer'],
        ['text', 'a, "b"'], ['tid', '(0,1)'], ['time', '10:00:00.5'], ['time(0)', '24:00:00'],
        ['timestamp', '2026-02-15 10:00:01.123456'], ['timestamp(3)', '2026-02-15 10:00:01.12'],
        ['timestamptz', '2026-02-15 12:00:01+02'], ['timetz', '10:00:00.25+05:30'],
        ['tsquery', '''a'' & ''b c'''], ['tsvector', '''a'':1A,3 ''b c'':2'], ['txid_snapshot', '10:20:10,14'],
        ['uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'], ['varchar', 'é'], ['varchar(3)', ''], ['xid', '3'],
        ['xid8', '18446744073709551615'], ['xml', '<a b="c">d &amp; e</a>'],
        ['int4range', '[1,5)'], ['int8range', '(,7)'], ['numrange', 'empty'], ['tsrange', '[2026-01-01,infinity]'],
        ['tstzrange', '[2026-01-01 00:00:00+00,)'], ['daterange', '[2026-01-01,2026-02-01)'],
        ['int4multirange', '{[1,2),[4,9)}'], ['int8multirange', '{}'], ['nummultirange', '{(,1.5]}'],
        ['tsmultirange', '{[2026-01-01,2026-01-02)}'], ['tstzmultirange', '{[2026-01-01 00:00:00+00,)}'],
        ['datemultirange', '{[2026-01-01,2026-02-01)}']];
    type text;
    sample text;
    column_name text;
    scalars text;
BEGIN
    CREATE TABLE every_type (id int);
    CREATE TABLE every_array (id int);
    INSERT INTO every_type VALUES (1), (2);
    INSERT INTO every_array VALUES (1), (2), (3);
    FOR i IN 1 .. array_length(samples, 1) LOOP
        type := samples[i][1];
        sample := samples[i][2];
        column_name := format('c%s %s', i, type);
        BEGIN
            EXECUTE format('SELECT %L::%s', sample, type);
            EXECUTE format('ALTER TABLE every_type ADD %I %s', column_name, type);
            EXECUTE format('UPDATE every_type SET %I = %L WHERE id = 1', column_name, sample);
            EXECUTE format('ALTER TABLE every_array ADD %I %s[]', column_name, type);
            EXECUTE format('UPDATE every_array SET %I = ARRAY[%L, NULL]::%s[] WHERE id = 1', column_name, sample, type);
            EXECUTE format('UPDATE every_array SET %I = ''{}'' WHERE id = 2', column_name);
        EXCEPTION WHEN feature_not_supported THEN
            RAISE WARNING 'left out: type %: %', type, SQLERRM;
        END;
    END LOOP;
END
$$;

CREATE TABLE arrays (id int, numbers int[], texts text[], times timestamptz[], documents jsonb[], bytes bytea[]);
INSERT INTO arrays VALUES
    (1, '{}', '{}', '{}', '{}', '{}'),
    (2, '{{1,2},{3,NULL}}', '{{a,b},{c,d}}', '{{2026-02-15 10:00:01.5+00}}', ARRAY['{"a": "b, c"}'::jsonb, 'null'],
        ARRAY['\x'::bytea, '\xdeadbeef']),
    (3, '[0:2]={1,2,3}', ARRAY['', 'NULL', NULL, ' ', '{}', '"', '\', ',', E'\n', E'\t', '\.', 'é🐘'],
        '{infinity,-infinity,0044-03-15 00:00:00+00 BC,NULL}', '{}', NULL),
    (4, '{{{1},{2}},{{3},{4}}}', '{{{""}}}', NULL, ARRAY['[1, [2]]'::jsonb, '"\u00e9"'], NULL),
    (5, '[-2:-1][3:4]={{1,2},{3,4}}', NULL, NULL, NULL, ARRAY[convert_to(repeat('x', 100), 'UTF8')]);
INSERT INTO arrays (id, numbers, texts)
    SELECT 6, array_agg(n), array_agg('Value ' || n) FROM generate_series(1, 50000) n;
CREATE TABLE float_arrays (singles float4[], doubles float8[], numerics numeric[], booleans bool[], boxes box[]);
INSERT INTO float_arrays VALUES
    ('{NaN,Infinity,-Infinity,-0,0.1}', '{NaN,Infinity,-Infinity,-0,1e-300}', '{NaN,Infinity,1.50,-0.0}', '{t,f,NULL}',
     '{(3,4),(1,2);NULL;(1,1),(0,0)}');

-- ---------------------------------------------------------------- types of the user's

CREATE DOMAIN positive AS int CHECK (value > 0);
CREATE DOMAIN very_positive AS positive CHECK (value > 100);
CREATE DOMAIN label AS varchar(40);
CREATE DOMAIN moment AS timestamptz;
CREATE DOMAIN numbers AS int[];
CREATE DOMAIN document AS jsonb;
CREATE TYPE mood AS ENUM ('sad', 'so so', 'happy, "very"', '', 'it''s');
CREATE TYPE pair AS (a int, b text);
CREATE TYPE nested AS (p pair, at timestamptz, list text[], flag bool);
CREATE TYPE text_range AS RANGE (subtype = text);
CREATE DOMAIN pair_domain AS pair;
CREATE TABLE own_types (
    a positive, b very_positive, c label, d moment, e numbers, f document, g mood, h pair, i nested, j text_range,
    k pair_domain, l positive[], m numbers[], n mood[], o pair[], p document[], q text_range[], r moment[]);
INSERT INTO own_types VALUES
    (1, 101, 'x', '2026-02-15 10:00:01+00', '{1,2}', '{"k": 1}', 'happy, "very"', '(1,"a ""b"", c")',
     ROW(ROW(2, NULL), '2026-02-15 10:00:01.5+00', ARRAY['x y', NULL], true)::nested, '[a,"b, c")', ROW(3, '')::pair,
     '{1,2}', '{"{1,2}","{}",NULL}', ARRAY['sad', 'so so', '', NULL]::mood[],
     ARRAY[ROW(1, 'x'), ROW(NULL, NULL), NULL]::pair[], ARRAY['{"a": 1.0}'::document], '{"[a,b)",empty}',
     '{2026-02-15 10:00:01+00}'),
    (NULL, NULL, NULL, NULL, NULL, NULL, '', ROW(NULL, NULL), NULL, 'empty', ROW(NULL, NULL)::pair,
     NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO own_types DEFAULT VALUES;
CREATE TABLE of_type OF pair;
INSERT INTO of_type VALUES (1, 'x');

DO $$
DECLARE
    samples text[] := ARRAY[['citext', 'Ab, "c"'], ['hstore', 'a=>"b, c", d=>NULL'], ['ltree', 'Top.Science']];
    type text;
BEGIN
    CREATE TABLE extension_types (id int);
    INSERT INTO extension_types VALUES (1), (2);
    FOR i IN 1 .. array_length(samples, 1) LOOP
        type := samples[i][1];
        BEGIN
            EXECUTE format('CREATE EXTENSION IF NOT EXISTS %I SCHEMA odd', type);
            EXECUTE format('ALTER TABLE extension_types ADD %I %I, ADD %I %I[]', type, type, type || 's', type);
            EXECUTE format('UPDATE extension_types SET %I = %L, %I = ARRAY[%L, NULL]::%I[] WHERE id = 1',
                type, samples[i][2], type || 's', samples[i][2], type);
        EXCEPTION WHEN undefined_file OR feature_not_supported OR insufficient_privilege OR undefined_object THEN
            RAISE WARNING 'left out: extension %: %', type, SQLERRM;
        END;
    END LOOP;
END
$$;

-- ---------------------------------------------------------------- values

CREATE TABLE numbers_exact (n numeric, fixed numeric(18,4), wide numeric(1000,500), rounded numeric(5,-2), small numeric(3,5));
INSERT INTO numbers_exact (n) SELECT v::numeric FROM unnest(ARRAY[
    '0', '-0', '0.0', '0.00000', '1', '-1', '10', '100', '1000', '10000', '100000', '100000000', '0.1', '0.0001',
    '0.00001', '1.10', '99999999.99999999', '1e100', '1e-100', '-1e-100', '12345678901234567890.12345678901234567890',
    '9999.9999', '10000.0001', '0.00010000', '1e1000', '123456789e-20', 'NaN', 'Infinity', '-Infinity']) v;
INSERT INTO numbers_exact (n) VALUES (('1' || repeat('0', 131071))::numeric), (repeat('9', 131072)::numeric),
    (('0.' || repeat('0', 16382) || '1')::numeric), (('-' || repeat('7', 5000) || '.' || repeat('3', 5000))::numeric);
INSERT INTO numbers_exact VALUES (NULL, 99999999999999.9999, 1, 12345, 0.00123), (NULL, -0.0001, -1.5, -150, 'NaN'),
    (NULL, 0, 0, 0, 0), (NULL, NULL, NULL, NULL, NULL);
INSERT INTO numbers_exact (n, fixed) SELECT n * 0.0001, n * 0.9999 FROM generate_series(-300, 300) n;
INSERT INTO numbers_exact (n) SELECT 10::numeric ^ n FROM generate_series(-60, 60) n;

CREATE TABLE integers (small int2, medium int4, big int8, o oid);
INSERT INTO integers VALUES (32767, 2147483647, 9223372036854775807, 4294967295), (-32768, -2147483648,
    -9223372036854775808, 0), (0, 0, 0, 2147483648), (NULL, NULL, NULL, NULL);
INSERT INTO integers SELECT n, n, sign::bigint * (10::numeric ^ n)::bigint, n
    FROM generate_series(0, 18) n, unnest(ARRAY[1, -1]) sign;

CREATE TABLE floats (single float4, double float8);
INSERT INTO floats SELECT v::float4, v::float8 FROM unnest(ARRAY['0', '-0', '1', '-1', '0.1', '0.3', '1.5', '100', '1e5',
    '123456', '1234567', '1e6', '9999999', '1e7', '1e14', '1e15', '123456789012345', '1e16', '1e17', '1e20', '0.001',
    '0.0001', '0.00001', '1e-5', '3.4028235e38', '1.17549435e-38', '1e-45', '16777217', '2.0000001', 'NaN', 'Infinity',
    '-Infinity']) v;
INSERT INTO floats SELECT NULL, v::float8 FROM unnest(ARRAY['1.7976931348623157e308', '2.2250738585072014e-308',
    '5e-324', '2e-323', '0.1', '2.0e-3', '9007199254740993', '4.35', '1.0000000000000002', '2.2e-322', '1e22', '1e23',
    '123456789012345678']) v;
INSERT INTO floats SELECT (n / 7.0)::float4 * 10::float4 ^ (n % 30 - 15), (n / 7.0)::float8 * 10::float8 ^ (n % 300 - 150)
    FROM generate_series(1, 2000) n;

CREATE TABLE moments (d date, t timestamp, z timestamptz);
INSERT INTO moments SELECT v::date, v::timestamp, (v || ' UTC')::timestamptz FROM unnest(ARRAY[
    '4714-11-24 BC', '4713-01-01 BC', '0044-03-15 BC', '0002-02-28 BC', '0001-01-01 BC', '0001-12-31 BC', '0001-01-01',
    '0099-12-31', '0999-12-31', '1582-10-04', '1582-10-15', '1600-02-29', '1700-02-28', '1900-02-28', '1900-03-01',
    '1969-12-31', '1970-01-01', '1999-12-31', '2000-01-01', '2000-02-29', '2024-02-29', '2026-02-15', '2038-01-19',
    '9999-12-31', '10000-01-01', '12345-06-07', '99999-12-31', '100000-01-01', '294276-12-31']) v;
INSERT INTO moments SELECT NULL, v::timestamp, (v || ' UTC')::timestamptz FROM unnest(ARRAY[
    '1969-12-31 23:59:59.999999', '1970-01-01 00:00:00.000001', '1999-12-31 23:59:59.999999',
    '2000-01-01 00:00:00.000001', '2026-02-15 10:00:01', '2026-02-15 10:00:01.5', '2026-02-15 10:00:01.50',
    '2026-02-15 10:00:01.000001', '2026-02-15 10:00:01.100000', '2026-02-15 10:00:01.12345', '2026-02-15 23:59:60',
    '0001-01-01 00:00:00.1 BC', '4714-11-24 00:00:00.000001 BC', '294276-12-31 23:59:59.999999']) v;
INSERT INTO moments VALUES ('infinity', 'infinity', 'infinity'), ('-infinity', '-infinity', '-infinity'),
    ('5874897-12-31', NULL, NULL), ('294277-01-01', NULL, NULL), (NULL, NULL, '2026-02-15 10:00:01+15:59:59'),
    (NULL, NULL, '1890-06-01 12:00:00 Europe/Amsterdam'), (NULL, NULL, NULL);
INSERT INTO moments SELECT date '0001-01-01' + n * 997, timestamp '0001-01-01' + n * interval '997 days 1.000001 seconds',
    timestamptz '1900-01-01 00:00:00+00' + n * interval '1234567.89 seconds' FROM generate_series(1, 2000) n;

CREATE TABLE times (t time, z timetz, s time(0), i interval);
INSERT INTO times (t) SELECT v::time FROM unnest(ARRAY['00:00', '24:00', '23:59:59.999999', '00:00:00.000001',
    '10:00:00.5', '12:30', '01:02:03.004']) v;
INSERT INTO times (z) SELECT v::timetz FROM unnest(ARRAY['00:00+00', '24:00+00', '10:00:00.5+02', '10:00-05:30',
    '23:59:59.999999+15:59:59', '00:00-15:59:59', '12:00-00:30', '12:00+00:00:01']) v;
INSERT INTO times (s, i) SELECT '10:00', v::interval FROM unnest(ARRAY['0', '1 second', '-1 second', '0.000001 seconds',
    '-0.000001 seconds', '1 day', '-1 day', '1 month', '1 year', '-13 months', '1 year -1 month', '1 day -00:00:01',
    '-1 day 00:00:01', '1 mon -1 day 00:00:00.5', '-1 mon 1 day -00:00:00.5', '178000000 years', '-178000000 years',
    '2147483647 days', '2562047788:00:54.775807', '-2562047788:00:54.775807', '36:00:00', '1 year 2 mons 3 days 04:05:06.789',
    '-00:59:59.9', '100 hours 1.5 seconds', '1.5 months']) v;
DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 170000 THEN
        INSERT INTO times (i) VALUES ('infinity'), ('-infinity');
    END IF;
END
$$;

CREATE TABLE texts (id int, t text);
INSERT INTO texts SELECT n, 'a' || chr(n) || 'b' FROM generate_series(1, 300) n;
INSERT INTO texts SELECT n, chr(n) FROM unnest(ARRAY[1, 8, 9, 10, 11, 12, 13, 27, 31, 32, 34, 39, 44, 47, 92, 127, 128,
    133, 160, 173, 255, 2047, 2048, 8232, 8233, 55295, 57344, 65279, 65533, 65534, 65535, 65536, 128024, 1114111]) n;
INSERT INTO texts (t) VALUES (NULL), (''), (' '), ('  a  '), ('"'), ('""'), ('"a"'), ('a"b'), (','), (',,'), (E'\n'),
    (E'\r'), (E'\r\n'), (E'\n\r'), (E'a\nb'), (E'"\r\n,"'), ('\'), ('\\'), ('\.'), ('\N'), ('\n'), ('NULL'), ('null'),
    ('''), ('), (';'), (E'\t'), ('=1+1'), ('</x>&amp;]]>'), ('${jndi:x} {{y}} %s ?'), ('[1,2]'), ('{"a": 1}'), ('true'),
    ('12.50'), ('NaN'), ('2026-02-15 10:00:01'), ('👨‍👩‍👧‍👦 🇪🇺 👍🏽'), ('e' || chr(769)), ('שלום مرحبا'), ('漢字'),
    (chr(65279) || 'mark first'), (chr(8238) || 'turned');

CREATE TABLE padded (c char(5), one char, big char(300), bare bpchar, v varchar(5), n name, ch "char");
INSERT INTO padded VALUES ('ab', 'x', 'a', 'a  ', 'a  ', 'a  ', 'x'), ('', '', '', '', '', '', ''), ('é', 'é', '🐘', '  ',
    '  ', repeat('é', 31), '"'), ('abcde', ',', repeat('x', 300), 'x', 'abcde', repeat('x', 63), ','),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE bytes (b bytea);
INSERT INTO bytes SELECT decode(repeat(lpad(to_hex(n % 256), 2, '0'), n), 'hex') FROM generate_series(0, 200) n;
INSERT INTO bytes VALUES (NULL), (''), (convert_to('text, "x"', 'UTF8'));

CREATE TABLE documents (j json, b jsonb);
INSERT INTO documents SELECT v::json, CASE WHEN v !~ '\\u0000|\\ud83d"' THEN v::jsonb END FROM unnest(ARRAY[
    '{}', '[]', 'null', 'true', 'false', '0', '-0', '1.0', '1.50', '1e5', '1E+5', '0.1e-7', '""', '" "', '[[]]', '[{}]',
    '123456789012345678901234567890.123456789012345678901234567890', '  {  "a"  :  1  ,  "b"  :  [ 1 , 2 ]  }  ',
    E'{\n\t"a":\r\n1\n}', '{"b": 1, "a": 2, "b": 3}', '{"aa": 1, "b": 2, "": 3}', '"a\"b"', '"a\\"', '"\\\""',
    '{"a\"b": "c\\"}', '" : , [ ] { } "', '"\u00e9"', '"\u00E9 \/ \b\f\n\r\t"', '"\ud83d\udc18"', '"🐘"', '"\u0000"',
    '"\ud83d"', '"\u001f"', '"it''s"', '[null, true, false]', '[1, "a", {"b": [{"c": null}]}]']) v;
INSERT INTO documents VALUES (NULL, NULL),
    ((repeat('[ ', 500) || '1' || repeat(' ]', 500))::json, (repeat('{"a": ', 500) || '1' || repeat('}', 500))::jsonb);
INSERT INTO documents SELECT json_agg(n), jsonb_object_agg('key ' || n, n) FROM generate_series(1, 20000) n;

CREATE TABLE booleans (b bool, n int);
INSERT INTO booleans VALUES (true, 1), (false, 0), (NULL, NULL);

-- ---------------------------------------------------------------- shapes

CREATE TABLE empty (id int, t text);
CREATE TABLE one_row (id int, t text);
INSERT INTO one_row VALUES (1, 'only');
CREATE TABLE all_null (a int, b text, c jsonb, d timestamptz, e int[]);
INSERT INTO all_null SELECT FROM generate_series(1, 1000);
CREATE TABLE one_null (a text);
INSERT INTO one_null VALUES (NULL);
CREATE TABLE single_text (t text);
INSERT INTO single_text VALUES (NULL), (''), ('\.'), (NULL), ('"'), (','), (E'\n'), (E'\r\n'), ('\N'), (' '), (''), (NULL);
CREATE TABLE single_number (n numeric);
INSERT INTO single_number VALUES (NULL), (1), (NULL);

CREATE TABLE many_pages (id bigint PRIMARY KEY, t text);
INSERT INTO many_pages SELECT n, repeat(md5(n::text), 8) FROM generate_series(1, 40000) n;
CREATE TABLE few_rows_per_page (id int, t text) WITH (fillfactor = 10);
INSERT INTO few_rows_per_page SELECT n, repeat('x', 700) FROM generate_series(1, 3000) n;

CREATE TABLE emptied (id int, t text) WITH (autovacuum_enabled = false);
INSERT INTO emptied SELECT n, repeat('x', 200) FROM generate_series(1, 20000) n;
DELETE FROM emptied;
CREATE TABLE mostly_dead (id int, t text) WITH (autovacuum_enabled = false);
INSERT INTO mostly_dead SELECT n, repeat('x', 200) FROM generate_series(1, 40000) n;
DELETE FROM mostly_dead WHERE id NOT IN (1, 777, 39999, 40000);
CREATE TABLE rewritten (id int PRIMARY KEY, t text) WITH (autovacuum_enabled = false);
INSERT INTO rewritten SELECT n, 'old' FROM generate_series(1, 10000) n;
UPDATE rewritten SET t = 'new ' || id WHERE id % 3 = 0;
UPDATE rewritten SET t = t || ', again' WHERE id % 5 = 0;

CREATE TABLE generated (id int GENERATED ALWAYS AS IDENTITY, n int, doubled int GENERATED ALWAYS AS (n * 2) STORED,
    upper text GENERATED ALWAYS AS ('N' || n) STORED);
INSERT INTO generated (n) SELECT n FROM generate_series(1, 100) n;

CREATE TABLE dropped (a int, gone1 text, b text, gone2 jsonb);
INSERT INTO dropped SELECT n, 'gone', 'b' || n, '{}' FROM generate_series(1, 100) n;
ALTER TABLE dropped DROP gone1, DROP gone2, ADD added text DEFAULT 'later', ADD "null" int;
INSERT INTO dropped VALUES (101, 'b101', NULL, 5);

CREATE UNLOGGED TABLE unlogged (id int);
INSERT INTO unlogged VALUES (1);

CREATE TABLE secured (id int, owner name);
INSERT INTO secured VALUES (1, current_user), (2, 'somebody else');
ALTER TABLE secured ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON secured USING (owner = current_user);

-- 1,600 columns, the most there can be: of several types, and all of them of variable width.
DO $$
DECLARE
    types text[] := ARRAY['int2', 'bool', '"char"', 'date', 'int4'];
    definitions text;
    mixed_values text;
    short_values text;
BEGIN
    SELECT string_agg(format('c%s %s', n, types[n % 5 + 1]), ', ' ORDER BY n),
           string_agg(CASE n % 5 WHEN 0 THEN '(i + 7)::int2' WHEN 1 THEN 'i % 2 = 0' WHEN 2 THEN '''x'''
                      WHEN 3 THEN 'date ''2026-01-01'' + i' ELSE 'NULLIF(i % 3, 1) + i' END, ', ' ORDER BY n)
      INTO definitions, mixed_values FROM generate_series(1, 1600) n;
    EXECUTE format('CREATE TABLE columns_1600 (%s)', definitions);
    EXECUTE format('INSERT INTO columns_1600 SELECT %s FROM generate_series(1, 100) i', mixed_values);
    SELECT string_agg(format('"Column %s" text', n), ', '), string_agg(format('NULLIF(left(i || ''%s'', 3), ''100'')', n), ', ')
      INTO definitions, short_values FROM generate_series(1, 1600) n;
    EXECUTE format('CREATE TABLE texts_1600 (%s)', definitions);
    EXECUTE format('INSERT INTO texts_1600 SELECT %s FROM generate_series(1, 100) i', short_values);
END
$$;

-- Cells of 1 byte to 4 MB, in and out of line, compressible and not, next to small ones.
CREATE TABLE wide_cells (id int, t text, b bytea, j jsonb, after text);
ALTER TABLE wide_cells ALTER t SET STORAGE EXTERNAL;
INSERT INTO wide_cells SELECT n, repeat(chr(97 + n), 1 << n), NULL, NULL, 'after ' || n FROM generate_series(0, 22) n;
INSERT INTO wide_cells VALUES
    (100, repeat('"', 1000000), NULL, NULL, 'quotes'),
    (101, repeat('é🐘' || E'\n', 400000), NULL, NULL, 'characters of 2 and 4 bytes'),
    (102, 'x' || repeat('🐘', 600000), NULL, NULL, 'the same, shifted'),
    (103, NULL, decode(repeat('00ff10', 700001), 'hex'), NULL, 'bytes'),
    (104, NULL, NULL, (SELECT jsonb_agg(jsonb_build_object('n', n, 'text', 'a "b", ' || n)) FROM generate_series(1, 40000) n),
        'document'),
    (105, repeat('a', 65535), NULL, NULL, '64 KB - 1'), (106, repeat('a', 65536), NULL, NULL, '64 KB'),
    (107, repeat('a', 65537), NULL, NULL, '64 KB + 1'), (108, NULL, NULL, NULL, NULL);
INSERT INTO wide_cells SELECT 200, string_agg(md5(n::text), ','), decode(string_agg(md5(n::text), ''), 'hex'),
    jsonb_agg(md5(n::text)), 'all at once' FROM generate_series(1, 60000) n;
INSERT INTO wide_cells SELECT n, 'x', 'x', '{}', 'small' FROM generate_series(1000, 2000) n;
CREATE TABLE wide_arrays (texts text[], documents json[], bytes bytea[]);
INSERT INTO wide_arrays SELECT array_agg(repeat('a "b", ', 1000)), array_agg('{"a":  1}'::json),
    array_agg(convert_to(repeat('x', 1000), 'UTF8')) FROM generate_series(1, 200);

-- ---------------------------------------------------------------- relations of other kinds

CREATE TABLE parted (id int, day date, kind text, amount numeric) PARTITION BY RANGE (id);
CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (MINVALUE) TO (1000);
CREATE TABLE parted_empty PARTITION OF parted FOR VALUES FROM (1000) TO (2000);
CREATE TABLE parted_lists PARTITION OF parted FOR VALUES FROM (2000) TO (4000) PARTITION BY LIST (kind);
CREATE TABLE parted_a PARTITION OF parted_lists FOR VALUES IN ('a', NULL);
CREATE TABLE parted_b PARTITION OF parted_lists FOR VALUES IN ('b') PARTITION BY HASH (id);
CREATE TABLE parted_b0 PARTITION OF parted_b FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_b1 PARTITION OF parted_b FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE parted_other (gone int, amount numeric, kind text, id int, day date);
ALTER TABLE parted_other DROP gone;
ALTER TABLE parted ATTACH PARTITION parted_other DEFAULT;
INSERT INTO parted SELECT n, date '2026-01-01' + n, (ARRAY['a', 'b', NULL])[n % 3 + 1], n * 0.5
    FROM generate_series(-500, 5999) n WHERE n NOT BETWEEN 1000 AND 1999;
CREATE TABLE parted_without_leaves (id int) PARTITION BY RANGE (id);

CREATE TABLE parent (id int, t text);
CREATE TABLE child (extra int) INHERITS (parent);
CREATE TABLE grandchild (more jsonb) INHERITS (child);
INSERT INTO parent SELECT n, 'parent' FROM generate_series(1, 100) n;
INSERT INTO child SELECT n, 'child', n FROM generate_series(101, 300) n;
INSERT INTO grandchild SELECT n, 'grandchild', n, '{}' FROM generate_series(301, 350) n;

CREATE VIEW a_view AS SELECT id, t, length(t) AS length, id % 2 = 0 AS even, ARRAY[id, NULL] AS list FROM many_pages WHERE id <= 5000;
CREATE VIEW sorted_view AS SELECT id, t FROM rewritten ORDER BY t, id DESC;
CREATE MATERIALIZED VIEW kept_view AS SELECT id, t, now() - now() AS nothing FROM many_pages WHERE id % 4 = 0;

DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS file_fdw SCHEMA odd;
    CREATE SERVER odd_files FOREIGN DATA WRAPPER file_fdw;
    CREATE FOREIGN TABLE foreign_rows (id int) SERVER odd_files OPTIONS (program 'seq 1 1000');
EXCEPTION WHEN undefined_file OR feature_not_supported OR insufficient_privilege OR undefined_object THEN
    RAISE WARNING 'left out: foreign table: %', SQLERRM;
END
$$;

-- ---------------------------------------------------------------- names

CREATE TABLE "Capitals" ("Id" int, "ID" int, id int, "Mixed Case" text);
INSERT INTO "Capitals" VALUES (1, 2, 3, 'x');
CREATE TABLE capitals (other text);
INSERT INTO capitals VALUES ('the folded one');
CREATE TABLE " spaces " (" a " int, "  " text);
INSERT INTO " spaces " VALUES (1, 'x');
CREATE TABLE "quo""te" ("a""b" int, """" text, "'" text, "it's" text);
INSERT INTO "quo""te" VALUES (1, 'x', 'y', 'z');
CREATE TABLE "dotted.name" ("a.b" int, "." text);
INSERT INTO "dotted.name" VALUES (1, 'x');
CREATE TABLE "select" ("from" int, "where" text, "table" text, "user" text, "order" int, ctid_ text, "oid" int);
INSERT INTO "select" VALUES (1, 'x', 'y', 'z', 2, 'c', 3);
CREATE TABLE "Ünïcödé 表 🐘" ("größe" int, "列" text, "🐘" text);
INSERT INTO "Ünïcödé 表 🐘" VALUES (1, 'x', 'y');
CREATE TABLE "a,b:c;d" ("a:b" int, "c,d" text, ":" text, "," text);
INSERT INTO "a,b:c;d" VALUES (1, 'x', 'y', 'z');
CREATE TABLE "a/b\c" ("a\b" int, "/" text);
INSERT INTO "a/b\c" VALUES (1, 'x');
CREATE TABLE "$1 ? %s {} --" ("?" int, "$1" text, "%s" text, "{fn x}" text, "--" text, "/*" text, "&amp;" text);
INSERT INTO "$1 ? %s {} --" VALUES (1, 'a', 'b', 'c', 'd', 'e', 'f');
CREATE TABLE "line
break" ("a
b" int, "tab	" text);
INSERT INTO "line
break" VALUES (1, 'x');
CREATE TABLE "-o" ("--help" int, "-" text);
INSERT INTO "-o" VALUES (1, 'x');
CREATE TABLE "123" ("1" int, "2" text);
INSERT INTO "123" VALUES (1, 'x');
CREATE TABLE abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_123456789 ("ééééééééééééééééééééééééééééééé" int);
INSERT INTO abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_123456789 VALUES (1);

RESET search_path;
RESET client_min_messages;
