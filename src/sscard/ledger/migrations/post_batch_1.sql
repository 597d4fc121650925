-- Post a batch of movements. Each item is one debit and one credit of one amount; it is decided by itself, in the order
-- given, and answered with a status. A refusal is a status and a stored answer, never an exception.
--
-- Runs as the bank's role with `sscard.book` set; row-level security keeps it inside that book.
-- Order of locks: accounts by (person_id, account_id), then keys by (caller, key). So two batches never wait in a circle;
-- call it once in a transaction, as its last statement.
--
-- p_wait false: accounts that somebody else holds are skipped and their items come back "busy", with nothing stored.
-- p_wait true: waits for them (the caller bounds this with lock_timeout).
--
-- Statuses: posted · insufficient · not_permitted · limit · amount · same_account · no_account (these are stored under the
-- key) · busy · key_reused (not stored). `replayed`: the key was used before and this is its first answer.
--
-- p_audit: one object an item, the columns of an audit row, and under "results" for each status {result, reason, mac}: the
-- caller has computed one MAC for each possible result, and the one that fits is written. p_outbox: one object an item,
-- written only for what was posted. Both may be null (office acts write theirs at the door).
create function ledger_post_batch(
    p_wait boolean,
    p_caller uuid[], p_key text[], p_fingerprint bytea[],
    p_transfer uuid[], p_group uuid[], p_kind text[],
    p_debit_person bigint[], p_debit uuid[], p_debit_need integer[],
    p_credit_person bigint[], p_credit uuid[], p_credit_need integer[],
    p_amount bigint[], p_business_date date[],
    p_limit_kind text[], p_limit_fen bigint[],
    p_reverses uuid[], p_memo text[],
    p_posted_at timestamptz,
    p_audit jsonb[] default null, p_outbox jsonb[] default null
) returns table (
    item integer, status text, replayed boolean, transfer_id uuid, debit_seq bigint, credit_seq bigint,
    debit_balance_fen bigint, credit_balance_fen bigint
) language plpgsql volatile security invoker
-- arrays of parameters look alike to the planner whatever their length: keep one plan, and that by index
set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set search_path = public, pg_temp
as $$
#variable_conflict use_column
declare
    v_book text := nullif(current_setting('sscard.book', true), '');
    v_n integer := coalesce(cardinality(p_key), 0);
    -- locked accounts, in lock order
    a_person bigint[]; a_id uuid[]; a_customer boolean[]; a_permits integer[]; a_debits bigint[]; a_credits bigint[];
    a_held bigint[]; a_seq bigint[]; a_touched boolean[];
    -- items
    i_debit integer[]; i_credit integer[]; i_limit integer[]; i_first integer[]; i_known boolean[];
    s_status text[]; s_again boolean[]; s_transfer uuid[]; s_dseq bigint[]; s_cseq bigint[]; s_dbal bigint[]; s_cbal bigint[];
    n_dseq bigint[]; n_cseq bigint[]; n_dbal bigint[]; n_cbal bigint[];
    -- day limits in play
    l_person bigint[]; l_account uuid[]; l_date date[]; l_kind text[]; l_used bigint[]; l_times integer[];
    v_new integer[];
    d integer; c integer; l integer; v_status text;
begin
    if v_n = 0 then
        return;
    end if;
    if v_book is null then
        raise exception 'ledger_post_batch needs a book: enter the bank''s role first';
    end if;
    s_status := array_fill(null::text, array[v_n]); s_again := array_fill(false, array[v_n]);
    n_dseq := array_fill(null::bigint, array[v_n]); n_cseq := n_dseq; n_dbal := n_dseq; n_cbal := n_dseq;

    -- 1. lock
    if p_wait then
        select array_agg(t.person_id), array_agg(t.account_id), array_agg(t.kind = 'customer'), array_agg(t.permits),
               array_agg(t.debits_posted), array_agg(t.credits_posted), array_agg(t.debits_held), array_agg(t.seq)
          into a_person, a_id, a_customer, a_permits, a_debits, a_credits, a_held, a_seq
          from (select a.* from ledger_ledgeraccount a
                 where (a.person_id, a.account_id) in (select * from unnest(p_debit_person, p_debit)
                                                 union select * from unnest(p_credit_person, p_credit))
                 order by a.person_id, a.account_id for no key update of a) t;
    else
        select array_agg(t.person_id), array_agg(t.account_id), array_agg(t.kind = 'customer'), array_agg(t.permits),
               array_agg(t.debits_posted), array_agg(t.credits_posted), array_agg(t.debits_held), array_agg(t.seq)
          into a_person, a_id, a_customer, a_permits, a_debits, a_credits, a_held, a_seq
          from (select a.* from ledger_ledgeraccount a
                 where (a.person_id, a.account_id) in (select * from unnest(p_debit_person, p_debit)
                                                 union select * from unnest(p_credit_person, p_credit))
                 order by a.person_id, a.account_id for no key update of a skip locked) t;
    end if;
    a_touched := array_fill(false, array[coalesce(cardinality(a_id), 0)]);

    -- 2. which item uses which locked account; the first item of the batch with the same key
    select array_agg(x.d order by x.n), array_agg(x.c order by x.n), array_agg(x.first order by x.n)
      into i_debit, i_credit, i_first
      from (select i.n, da.n::integer as d, ca.n::integer as c,
                   (min(i.n) over (partition by i.caller, i.key))::integer as first
              from unnest(p_caller, p_key, p_debit_person, p_debit, p_credit_person, p_credit)
                   with ordinality as i(caller, key, dp, da, cp, ca, n)
              left join unnest(a_person, a_id) with ordinality as da(person, id, n) on da.person = i.dp and da.id = i.da
              left join unnest(a_person, a_id) with ordinality as ca(person, id, n) on ca.person = i.cp and ca.id = i.ca) x;

    -- 3. busy, or not there at all
    if not p_wait and (array_position(i_debit, null) is not null or array_position(i_credit, null) is not null) then
        select array_agg(case when (i.d is null and ed.person_id is not null) or (i.c is null and ec.person_id is not null)
                              then 'busy' end order by i.n)
          into s_status
          from unnest(i_debit, i_credit, p_debit_person, p_debit, p_credit_person, p_credit)
               with ordinality as i(d, c, dp, da, cp, ca, n)
          left join ledger_ledgeraccount ed on ed.person_id = i.dp and ed.account_id = i.da and i.d is null
          left join ledger_ledgeraccount ec on ec.person_id = i.cp and ec.account_id = i.ca and i.c is null;
    end if;

    -- 4. claim the keys; who comes second waits here until the first is decided
    with claimed as (
        insert into ledger_posting (caller_id, key, book, fingerprint, status, at)
        select i.caller, i.key, v_book, i.fingerprint, 'claimed', p_posted_at
          from unnest(p_caller, p_key, p_fingerprint, s_status, i_first)
               with ordinality as i(caller, key, fingerprint, status, first, n)
         where i.status is null and i.first = i.n
         order by i.caller, i.key
        on conflict do nothing
        returning caller_id, key)
    select array_agg(k.key is not null order by i.n)
      into i_known
      from unnest(p_caller, p_key) with ordinality as i(caller, key, n)
      left join claimed k on k.caller_id = i.caller and k.key = i.key;

    -- 5. limits in play
    select array_agg(x.person), array_agg(x.account), array_agg(x.day), array_agg(x.kind), array_agg(coalesce(t.used_fen, 0)),
           array_agg(coalesce(t.times, 0))
      into l_person, l_account, l_date, l_kind, l_used, l_times
      from (select distinct i.person, i.account, i.day, i.kind
              from unnest(p_debit_person, p_debit, p_business_date, p_limit_kind) as i(person, account, day, kind)
             where i.kind is not null) x
      left join ledger_daylimit t on t.person_id = x.person and t.account_id = x.account
                                 and t.business_date = x.day and t.kind = x.kind;
    if l_kind is not null then
        select array_agg(x.n order by i.n) into i_limit
          from unnest(p_debit_person, p_debit, p_business_date, p_limit_kind) with ordinality as i(person, account, day, kind, n)
          left join unnest(l_person, l_account, l_date, l_kind) with ordinality as x(person, account, day, kind, n)
            on x.person = i.person and x.account = i.account and x.day = i.day and x.kind = i.kind;
    end if;

    -- 6. decide, item by item, on the counters in memory
    for n in 1 .. v_n loop
        continue when s_status[n] is not null or i_first[n] <> n or not i_known[n];
        d := i_debit[n]; c := i_credit[n]; l := case when l_kind is null then null else i_limit[n] end;
        if p_amount[n] <= 0 then
            v_status := 'amount';
        elsif p_debit[n] = p_credit[n] then
            v_status := 'same_account';
        elsif d is null or c is null then
            v_status := 'no_account';
        elsif a_permits[d] & p_debit_need[n] <> p_debit_need[n] or a_permits[c] & p_credit_need[n] <> p_credit_need[n] then
            v_status := 'not_permitted';
        elsif l is not null and l_used[l] + p_amount[n] > p_limit_fen[n] then
            v_status := 'limit';
        elsif a_customer[d] and a_credits[d] - a_debits[d] - a_held[d] < p_amount[n] then
            v_status := 'insufficient';
        else
            v_status := 'posted';
            a_debits[d] := a_debits[d] + p_amount[n]; a_seq[d] := a_seq[d] + 1; a_touched[d] := true;
            a_credits[c] := a_credits[c] + p_amount[n]; a_seq[c] := a_seq[c] + 1; a_touched[c] := true;
            n_dseq[n] := a_seq[d]; n_dbal[n] := a_credits[d] - a_debits[d];
            n_cseq[n] := a_seq[c]; n_cbal[n] := a_credits[c] - a_debits[c];
            if l is not null then
                l_used[l] := l_used[l] + p_amount[n]; l_times[l] := l_times[l] + 1;
            end if;
        end if;
        s_status[n] := v_status;
        v_new := v_new || n;
    end loop;

    -- 7. write what was posted
    if v_new is not null then
        insert into ledger_transfer (person_id, transfer_id, book, group_id, kind, debit_account_id, credit_person_id,
                                     credit_account_id, amount_fen, business_date, posted_at, reverses, memo)
        select p_debit_person[n], p_transfer[n], v_book, p_group[n], p_kind[n], p_debit[n], p_credit_person[n], p_credit[n],
               p_amount[n], p_business_date[n], p_posted_at, p_reverses[n], coalesce(p_memo[n], '')
          from unnest(v_new) n where s_status[n] = 'posted';
        insert into ledger_entry (person_id, account_id, seq, book, transfer_id, side, kind, amount_fen, balance_fen,
                                  business_date, posted_at)
        select e.person, e.account, e.seq, v_book, p_transfer[n], e.side, p_kind[n], p_amount[n], e.balance,
               p_business_date[n], p_posted_at
          from unnest(v_new) n
         cross join lateral (values (p_debit_person[n], p_debit[n], n_dseq[n], 'D', n_dbal[n]),
                                    (p_credit_person[n], p_credit[n], n_cseq[n], 'C', n_cbal[n]))
                    as e(person, account, seq, side, balance)
         where s_status[n] = 'posted';
        update ledger_ledgeraccount a
           set debits_posted = x.debits, credits_posted = x.credits, seq = x.seq
          from unnest(a_person, a_id, a_debits, a_credits, a_seq, a_touched) as x(person, id, debits, credits, seq, touched)
         where x.touched and a.person_id = x.person and a.account_id = x.id;
        if l_kind is not null then
            insert into ledger_daylimit (person_id, account_id, business_date, kind, book, used_fen, times)
            select x.person, x.account, x.day, x.kind, v_book, x.used, x.times
              from unnest(l_person, l_account, l_date, l_kind, l_used, l_times) as x(person, account, day, kind, used, times)
             where x.times > 0
            on conflict (person_id, account_id, business_date, kind)
            do update set used_fen = excluded.used_fen, times = excluded.times
             where ledger_daylimit.times <> excluded.times;
        end if;
        update ledger_posting p
           set status = s_status[n], transfer_id = case when s_status[n] = 'posted' then p_transfer[n] end,
               debit_seq = n_dseq[n], credit_seq = n_cseq[n], debit_balance_fen = n_dbal[n], credit_balance_fen = n_cbal[n]
          from unnest(v_new) n
         where p.caller_id = p_caller[n] and p.key = p_key[n];
    end if;

    -- 8. repeats: the first answer, or "key_reused" when it was for something else
    select array_agg(case when x.n = any(v_new) then s_status[x.n]
                          when k.fingerprint = x.fingerprint then k.status
                          when k.fingerprint is null and 'busy' in (s_status[x.n], s_status[x.first]) then 'busy'
                          else 'key_reused' end order by x.n),
           array_agg(x.n <> all(coalesce(v_new, '{}')) and coalesce(k.fingerprint = x.fingerprint, false) order by x.n),
           array_agg(case when k.fingerprint = x.fingerprint then k.transfer_id end order by x.n),
           array_agg(case when k.fingerprint = x.fingerprint then k.debit_seq end order by x.n),
           array_agg(case when k.fingerprint = x.fingerprint then k.credit_seq end order by x.n),
           array_agg(case when k.fingerprint = x.fingerprint then k.debit_balance_fen end order by x.n),
           array_agg(case when k.fingerprint = x.fingerprint then k.credit_balance_fen end order by x.n)
      into s_status, s_again, s_transfer, s_dseq, s_cseq, s_dbal, s_cbal
      from unnest(p_caller, p_key, p_fingerprint, i_first) with ordinality as x(caller, key, fingerprint, first, n)
      left join ledger_posting k on k.caller_id = x.caller and k.key = x.key;

    -- 9. the fast lane's audit rows and events: only for what was decided now
    if p_audit is not null then
        insert into control_auditrow (audit_id, occurred_at, area_code, organisation, actor_kind, actor, actor_name,
                                      actor_person, roles, session, channel, address, verb, object, purpose, result, reason,
                                      request_id, detail, mac)
        select (r->>'audit_id')::uuid, (r->>'occurred_at')::timestamptz, r->>'area_code', r->>'organisation',
               r->>'actor_kind', (r->>'actor')::uuid, r->>'actor_name', decode(r->>'actor_person', 'hex'), r->>'roles',
               r->>'session', r->>'channel', r->>'address', r->>'verb', r->>'object', r->>'purpose', f->>'result',
               f->>'reason', r->>'request_id', r->'detail', decode(f->>'mac', 'hex')
          from unnest(v_new) n
         cross join lateral (select p_audit[n] as r, p_audit[n]->'results'->(s_status[n]) as f) x
         where r is not null;
        insert into control_auditsubject (person_id, audit_id, area_code, occurred_at)
        select (r->>'person_id')::bigint, (r->>'audit_id')::uuid, r->>'area_code', (r->>'occurred_at')::timestamptz
          from unnest(v_new) n cross join lateral (select p_audit[n] as r) x
         where r->>'person_id' is not null;
    end if;
    if p_outbox is not null then
        insert into control_outbox (event_id, area_code, name, body, occurred_at)
        select (e->>'event_id')::uuid, e->>'area_code', e->>'name', e->'body', (e->>'occurred_at')::timestamptz
          from unnest(v_new) n cross join lateral (select p_outbox[n] as e) x
         where e is not null and s_status[n] = 'posted';
    end if;

    return query
        select x.n::integer, x.status, x.again, x.transfer, x.dseq, x.cseq, x.dbal, x.cbal
          from unnest(s_status, s_again, s_transfer, s_dseq, s_cseq, s_dbal, s_cbal)
               with ordinality as x(status, again, transfer, dseq, cseq, dbal, cbal, n)
         order by x.n;
end
$$;
revoke all on function ledger_post_batch from public;
grant execute on function ledger_post_batch to sscard_bank;
