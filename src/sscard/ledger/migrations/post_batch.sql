-- Post a batch of movements. Each item moves, holds, captures, frees or reverses one amount between two accounts; items are
-- decided in the order given and answered with a status each. A refusal is a status and a stored answer, never an exception.
-- Adjacent items with the same group are done all or none.
--
-- Runs as the bank's role with `sscard.book` set; row-level security keeps it inside that book.
-- Order of locks: the book's day (shared), accounts by (person_id, account_id), keys by (caller, key). So two batches never
-- wait in a circle; call it once in a transaction, as its last statement.
--
-- p_wait false: accounts that somebody else holds are skipped and their items come back "busy", with nothing stored.
-- p_wait true: waits for them (the caller bounds this with lock_timeout).
-- p_claim false: keys are written at the end. When somebody else has written one meanwhile (the same key for other accounts,
-- or in another book) the call fails with SQLSTATE LK001 and nothing is done: call it again with p_claim true, which
-- claims the keys first at the cost of a second write.
--
-- Actions
--   post     amount from debit to credit
--   hold     amount of debit set aside for credit until p_expires; p_hold is its id
--   capture  at most that amount moved, what is left is free again; never for lack of funds
--   void     the hold ends, all of it is free again
--   reverse  the mirror of transfer p_reverses (debit and credit changed about, same amount), once; limits are given back. Before
--            its transfer came it is "remembered", and the transfer is refused when it comes
--
-- Statuses, stored under the key: posted · held · captured · voided · remembered · insufficient · not_permitted · limit · amount ·
-- same_account · no_account · hold_gone · already_reversed · reversed_before · group_refused (another of its group was refused) ·
-- key_reused, when the id of a transfer or hold is taken;
-- not stored: busy · business_day_closed (try again with the open date) · key_reused, when the key was used for something else.
-- `replayed`: the key was used before and this is its first answer.
--
-- Limits come flat: for item p_limit_item[i] at most p_limit_fen[i] and p_limit_times[i] (null: only counted) of
-- p_limit_kind[i] in the p_limit_period[i] (operation, day, month, year) of its business date, on the debited account.
--
-- At the end `sscard.batch` (to the end of the transaction) is 'done' when all was done and nothing is a repeat: then the
-- fast lane's audit rows for success fit, which it sends behind this call without waiting for the answer.
create function ledger_post_batch(
    p_wait boolean, p_claim boolean,
    p_caller uuid[], p_key text[], p_fingerprint bytea[], p_action text[],
    p_transfer uuid[], p_group uuid[], p_kind text[],
    p_debit_person bigint[], p_debit uuid[], p_debit_need integer[],
    p_credit_person bigint[], p_credit uuid[], p_credit_need integer[],
    p_amount bigint[], p_business_date date[],
    p_hold uuid[], p_expires timestamptz[], p_reverses uuid[], p_memo text[],
    p_limit_item integer[], p_limit_kind text[], p_limit_period text[], p_limit_fen bigint[], p_limit_times integer[],
    p_posted_at timestamptz
) returns table (
    item integer, status text, replayed boolean, transfer_id uuid, debit_seq bigint, credit_seq bigint,
    debit_balance_fen bigint, credit_balance_fen bigint, limited_by text
) language plpgsql volatile security invoker
-- arrays of parameters look alike to the planner whatever their length: keep one plan, and that by index
set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set search_path = public, pg_temp
as $$
#variable_conflict use_column
declare
    c_done constant text[] := '{posted,held,captured,voided,remembered}';
    v_book text := nullif(current_setting('sscard.book', true), '');
    v_n integer := coalesce(cardinality(p_key), 0);
    v_closed date;
    -- locked accounts, in lock order
    a_person bigint[]; a_id uuid[]; a_customer boolean[]; a_purpose text[]; a_permits integer[]; a_debits bigint[];
    a_credits bigint[]; a_held bigint[]; a_coming bigint[]; a_frozen bigint[]; a_seq bigint[]; a_touched boolean[];
    -- items: their accounts, the first item with the same key, with the same transfer id; bounds of their group
    i_debit integer[]; i_credit integer[]; i_first integer[]; i_twin integer[]; i_from integer[]; i_to integer[];
    i_known boolean[]; i_torn boolean[]; i_taken boolean[];
    -- items: their hold, their original, their own place among the originals; their limits stand in q from … to; the item whose limits they give back
    i_hold integer[]; i_origin integer[]; i_own integer[]; i_qfrom integer[]; i_qto integer[]; i_source integer[]; i_limits text[];
    s_status text[]; s_again boolean[]; s_transfer uuid[]; s_dseq bigint[]; s_cseq bigint[]; s_dbal bigint[]; s_cbal bigint[];
    s_limited text[];
    -- holds in play
    h_person bigint[]; h_id uuid[]; h_state text[]; h_amount bigint[]; h_debit uuid[]; h_cperson bigint[]; h_credit uuid[];
    h_expires timestamptz[]; h_on date[]; h_limits text[]; h_there boolean[]; h_by integer[]; h_end integer[];
    -- originals of reversals, and transfers that were reversed before they came
    r_person bigint[]; r_id uuid[]; r_there boolean[]; r_debit uuid[]; r_cperson bigint[]; r_credit uuid[];
    r_amount bigint[]; r_mirror boolean[]; r_gone boolean[]; r_by integer[];
    -- limits: of items (q), and the counters they point to (l, the place of the first limit that has the same one)
    q_l integer[]; q_name text[]; q_fen bigint[]; q_times integer[];
    q_item integer[]; l_person bigint[]; l_account uuid[]; l_begins date[]; l_period text[]; l_kind text[]; l_used bigint[];
    l_times integer[]; l_there boolean[]; l_touched boolean[];
    v_new integer[]; v_memory boolean; v_broken integer := 0;
    d integer; c integer; h integer; o integer; l integer; k integer; src integer; v_sign integer; v_status text; v_limited text;
    v_fen bigint; v_times integer; v_act text;
begin
    if v_n = 0 then
        return;
    end if;
    if v_book is null then
        raise exception 'ledger_post_batch needs a book: enter the bank''s role first';
    end if;
    s_status := array_fill(null::text, array[v_n]); s_again := array_fill(false, array[v_n]);
    s_dseq := array_fill(null::bigint, array[v_n]); s_cseq := s_dseq; s_dbal := s_dseq; s_cbal := s_dseq;
    s_transfer := array_fill(null::uuid, array[v_n]); s_limited := s_status;

    -- 1. lock: whoever closes a day waits for us or we for him; then the accounts
    perform pg_advisory_xact_lock_shared(7215, hashtext(v_book));
    select b.day into v_closed from ledger_businessday b where b.book = v_book order by b.day desc limit 1;
    if p_wait then
        select array_agg(t.person_id), array_agg(t.account_id), array_agg(t.kind = 'customer'), array_agg(t.purpose),
               array_agg(t.permits), array_agg(t.debits_posted), array_agg(t.credits_posted), array_agg(t.debits_held),
               array_agg(t.credits_held), array_agg(t.frozen_fen), array_agg(t.seq)
          into a_person, a_id, a_customer, a_purpose, a_permits, a_debits, a_credits, a_held, a_coming, a_frozen, a_seq
          from (select a.* from ledger_ledgeraccount a
                 where (a.person_id, a.account_id) in (select * from unnest(p_debit_person, p_debit)
                                                 union select * from unnest(p_credit_person, p_credit))
                 order by a.person_id, a.account_id for no key update of a) t;
    else
        select array_agg(t.person_id), array_agg(t.account_id), array_agg(t.kind = 'customer'), array_agg(t.purpose),
               array_agg(t.permits), array_agg(t.debits_posted), array_agg(t.credits_posted), array_agg(t.debits_held),
               array_agg(t.credits_held), array_agg(t.frozen_fen), array_agg(t.seq)
          into a_person, a_id, a_customer, a_purpose, a_permits, a_debits, a_credits, a_held, a_coming, a_frozen, a_seq
          from (select a.* from ledger_ledgeraccount a
                 where (a.person_id, a.account_id) in (select * from unnest(p_debit_person, p_debit)
                                                 union select * from unnest(p_credit_person, p_credit))
                 order by a.person_id, a.account_id for no key update of a skip locked) t;
    end if;
    a_touched := array_fill(false, array[coalesce(cardinality(a_id), 0)]);

    -- 2. which item uses which locked account; the first item of the batch with the same key or transfer id; groups
    select array_agg(x.d order by x.n), array_agg(x.c order by x.n), array_agg(x.first order by x.n),
           array_agg(x.twin order by x.n), array_agg(x.gfrom order by x.n), array_agg(x.gto order by x.n)
      into i_debit, i_credit, i_first, i_twin, i_from, i_to
      from (select i.n, da.n::integer as d, ca.n::integer as c,
                   (min(i.n) over (partition by i.caller, i.key))::integer as first,
                   (min(i.n) over (partition by i.dp, i.transfer))::integer as twin,
                   case when i.grp is null then i.n else min(i.n) over (partition by i.grp) end::integer as gfrom,
                   case when i.grp is null then i.n else max(i.n) over (partition by i.grp) end::integer as gto
              from unnest(p_caller, p_key, p_debit_person, p_debit, p_credit_person, p_credit, p_transfer, p_group)
                   with ordinality as i(caller, key, dp, da, cp, ca, transfer, grp, n)
              left join unnest(a_person, a_id) with ordinality as da(person, id, n) on da.person = i.dp and da.id = i.da
              left join unnest(a_person, a_id) with ordinality as ca(person, id, n) on ca.person = i.cp and ca.id = i.ca) x;

    -- 3. what is known already
    if p_claim then
        with claimed as (
            insert into ledger_posting (caller_id, key, book, fingerprint, status, limited_by, at)
            select i.caller, i.key, v_book, i.fingerprint, 'claimed', '', p_posted_at
              from unnest(p_caller, p_key, p_fingerprint, i_first) with ordinality as i(caller, key, fingerprint, first, n)
             where i.first = i.n
             order by i.caller, i.key
            on conflict do nothing
            returning caller_id, key)
        select array_agg(c.key is null order by i.n) into i_known
          from unnest(p_caller, p_key) with ordinality as i(caller, key, n)
          left join claimed c on c.caller_id = i.caller and c.key = i.key;
    else
        select array_agg(p.key is not null order by i.n) into i_known
          from unnest(p_caller, p_key) with ordinality as i(caller, key, n)
          left join ledger_posting p on p.caller_id = i.caller and p.key = i.key;
    end if;
    if true = any(i_known) then
        select array_agg(x.torn order by x.n) into i_torn
          from (select i.n, bool_or(i.known) over (partition by i.gfrom) as torn
                  from unnest(i_known, i_from) with ordinality as i(known, gfrom, n)) x;
    end if;

    -- 4. busy, not there at all, or of a closed day: the whole group may try again
    if not p_wait and (array_position(i_debit, null) is not null or array_position(i_credit, null) is not null) then
        select array_agg(case when (i.d is null and ed.person_id is not null) or (i.c is null and ec.person_id is not null)
                              then 'busy' end order by i.n)
          into s_status
          from unnest(i_debit, i_credit, p_debit_person, p_debit, p_credit_person, p_credit)
               with ordinality as i(d, c, dp, da, cp, ca, n)
          left join ledger_ledgeraccount ed on ed.person_id = i.dp and ed.account_id = i.da and i.d is null
          left join ledger_ledgeraccount ec on ec.person_id = i.cp and ec.account_id = i.ca and i.c is null;
    end if;
    if v_closed >= any(p_business_date) then
        select array_agg(case when i.date <= v_closed and i.action <> 'void' then 'business_day_closed' else i.status end
                         order by i.n)
          into s_status
          from unnest(p_business_date, p_action, s_status) with ordinality as i(date, action, status, n);
    end if;
    if array_remove(s_status, null) <> '{}' then
        select array_agg(x.status order by x.n) into s_status
          from (select i.n, min(i.status) over (partition by i.gfrom) as status
                  from unnest(s_status, i_from) with ordinality as i(status, gfrom, n)) x;
    end if;

    -- 5. holds in play
    if p_action && array['hold', 'capture', 'void'] then
        select array_agg(x.person), array_agg(x.hold), array_agg(t.state), array_agg(t.amount_fen), array_agg(t.account_id),
               array_agg(t.credit_person_id), array_agg(t.credit_account_id), array_agg(t.expires_at),
               array_agg(t.business_date), array_agg(t.limits), array_agg(t.hold_id is not null), array_agg(null::integer),
               array_agg(null::integer)
          into h_person, h_id, h_state, h_amount, h_debit, h_cperson, h_credit, h_expires, h_on, h_limits, h_there, h_by, h_end
          from (select distinct i.person, i.hold from unnest(p_debit_person, p_hold) as i(person, hold)
                 where i.hold is not null) x
          left join ledger_hold t on t.person_id = x.person and t.hold_id = x.hold;
        select array_agg(x.n::integer order by i.n) into i_hold
          from unnest(p_debit_person, p_hold) with ordinality as i(person, hold, n)
          left join unnest(h_person, h_id) with ordinality as x(person, hold, n) on x.person = i.person and x.hold = i.hold;
    end if;

    -- 6. transfer ids that are taken; originals in play
    select array_agg(t.transfer_id is not null order by i.n), bool_or(m.transfer_id is not null) into i_taken, v_memory
      from unnest(p_debit_person, p_transfer) with ordinality as i(person, transfer, n)
      left join ledger_transfer t on t.person_id = i.person and t.transfer_id = i.transfer
      left join ledger_reversal m on m.person_id = i.person and m.transfer_id = i.transfer;
    if v_memory or 'reverse' = any(p_action) then
        select array_agg(x.person), array_agg(x.transfer), array_agg(t.transfer_id is not null), array_agg(t.debit_account_id),
               array_agg(t.credit_person_id), array_agg(t.credit_account_id), array_agg(t.amount_fen),
               array_agg(t.reverses is not null), array_agg(m.transfer_id is not null), array_agg(null::integer)
          into r_person, r_id, r_there, r_debit, r_cperson, r_credit, r_amount, r_mirror, r_gone, r_by
          from (select i.cp as person, i.reverses as transfer
                  from unnest(p_credit_person, p_reverses, p_action) as i(cp, reverses, action) where i.action = 'reverse'
                 union
                select m.person_id, m.transfer_id from unnest(p_debit_person, p_transfer) as i(dp, transfer)
                  join ledger_reversal m on m.person_id = i.dp and m.transfer_id = i.transfer) x
          left join ledger_transfer t on t.person_id = x.person and t.transfer_id = x.transfer
          left join ledger_reversal m on m.person_id = x.person and m.transfer_id = x.transfer;
        select array_agg(x.n::integer order by i.n), array_agg(y.n::integer order by i.n) into i_origin, i_own
          from unnest(p_debit_person, p_transfer, p_credit_person, p_reverses)
               with ordinality as i(dp, transfer, cp, reverses, n)
          left join unnest(r_person, r_id) with ordinality as x(person, transfer, n)
            on x.person = i.cp and x.transfer = i.reverses
          left join unnest(r_person, r_id) with ordinality as y(person, transfer, n)
            on y.person = i.dp and y.transfer = i.transfer;
    end if;

    -- 7. limits in play: what items count, and what their holds and originals had counted
    if cardinality(p_limit_item) > 0 or h_id is not null or r_id is not null then
        select array_agg(x.n order by x.q), array_agg(x.name order by x.q), array_agg(x.fen order by x.q),
               array_agg(x.times order by x.q), array_agg(x.l::integer order by x.q), array_agg(x.person order by x.q),
               array_agg(x.account order by x.q), array_agg(x.begins order by x.q), array_agg(x.period order by x.q),
               array_agg(x.kind order by x.q), array_agg(coalesce(u.used_fen, 0) order by x.q),
               array_agg(coalesce(u.times, 0) order by x.q), array_agg(u.person_id is not null order by x.q)
          into q_item, q_name, q_fen, q_times, q_l, l_person, l_account, l_begins, l_period, l_kind, l_used, l_times, l_there
          from (select w.*, case when w.begins is not null
                                 then min(w.q) over (partition by w.person, w.account, w.begins, w.period, w.kind) end as l
                  from (select row_number() over (order by w.n, w.kind || ':' || w.period) as q, w.*,
                               w.kind || ':' || w.period as name,
                               case when w.period <> 'operation' then date_trunc(w.period, w.day)::date end as begins
                          from (select i.item as n, p_debit_person[i.item] as person, p_debit[i.item] as account, i.kind,
                                       i.period, p_business_date[i.item] as day, i.fen, i.times
                                  from unnest(p_limit_item, p_limit_kind, p_limit_period, p_limit_fen, p_limit_times)
                                       as i(item, kind, period, fen, times)
                                union all
                                select i.n, i.person, t.account_id, split_part(e.name, ':', 1), split_part(e.name, ':', 2),
                                       t.business_date, null, null
                                  from unnest(p_debit_person, p_hold, p_action) with ordinality as i(person, hold, action, n)
                                  join ledger_hold t on t.person_id = i.person and t.hold_id = i.hold
                                 cross join lateral unnest(string_to_array(t.limits, ' ')) as e(name)
                                 where i.action in ('capture', 'void') and t.limits <> ''
                                union all
                                select i.n, i.person, t.debit_account_id, split_part(e.name, ':', 1),
                                       split_part(e.name, ':', 2), t.counted_on, null, null
                                  from unnest(p_credit_person, p_reverses, p_action)
                                       with ordinality as i(person, reverses, action, n)
                                  join ledger_transfer t on t.person_id = i.person and t.transfer_id = i.reverses
                                 cross join lateral unnest(string_to_array(t.limits, ' ')) as e(name)
                                 where i.action = 'reverse' and t.limits <> '') w) w) x
          left join ledger_limituse u on u.person_id = x.person and u.account_id = x.account and u.begins = x.begins
                                     and u.period = x.period and u.kind = x.kind;
        i_qfrom := array_fill(null::integer, array[v_n]); i_qto := i_qfrom; i_limits := array_fill(''::text, array[v_n]);
        for q in 1 .. coalesce(cardinality(q_item), 0) loop
            k := q_item[q];
            i_qfrom[k] := coalesce(i_qfrom[k], q); i_qto[k] := q;
            if q_l[q] is not null then
                i_limits[k] := i_limits[k] || case when i_limits[k] = '' then '' else ' ' end || q_name[q];
            end if;
        end loop;
        l_touched := array_fill(false, array[coalesce(cardinality(l_kind), 0)]);
        i_source := array_fill(null::integer, array[v_n]);
    end if;

    -- 8. decide, item by item, on the counters in memory
    for n in 1 .. v_n loop
        continue when s_status[n] is not null or i_first[n] <> n or i_known[n];
        d := i_debit[n]; c := i_credit[n]; h := i_hold[n]; o := i_origin[n]; v_act := p_action[n]; v_limited := null;
        if v_broken = i_from[n] or (i_torn is not null and i_torn[n]) then
            v_status := 'group_refused';
        elsif p_amount[n] <= 0 and v_act <> 'void' then
            v_status := 'amount';
        elsif p_debit[n] = p_credit[n] then
            v_status := 'same_account';
        elsif d is null or c is null then
            v_status := 'no_account';
        elsif v_act <> 'void' and (a_permits[d] & p_debit_need[n] <> p_debit_need[n]
                                   or a_permits[c] & p_credit_need[n] <> p_credit_need[n]) then
            v_status := 'not_permitted';
        elsif a_purpose[d] = 'medical' and v_act <> 'void' and p_kind[n] <> 'medical.statutory_payout'
              and not (p_kind[n] = 'medical.settlement' and a_purpose[c] = 'provider') then
            v_status := 'not_permitted';
        elsif a_purpose[d] = 'provider' and a_customer[c] and v_act not in ('reverse', 'void') then
            v_status := 'not_permitted';  -- what was settled goes back by its own reversal, to the account that paid, or not
        elsif v_act in ('capture', 'void')  -- asked first: who comes second to a hold is told so, not that its id is taken
              and (h is null or h_state[h] is distinct from 'placed' or h_debit[h] <> p_debit[n]
                   or h_cperson[h] <> p_credit_person[n] or h_credit[h] <> p_credit[n]
                   or (v_act = 'capture' and h_expires[h] <= p_posted_at)) then
            v_status := 'hold_gone';
        elsif v_act in ('post', 'capture', 'reverse') and (i_taken[n] or i_twin[n] <> n) then
            v_status := 'key_reused';
        elsif v_act in ('post', 'capture') and r_gone[i_own[n]] then
            v_status := 'reversed_before';
        elsif v_act = 'capture' and p_amount[n] > h_amount[h] then
            v_status := 'amount';
        elsif v_act = 'hold' and h_state[h] is not null then
            v_status := 'key_reused';
        elsif v_act = 'reverse' and coalesce(r_gone[o], true) then
            v_status := 'already_reversed';
        elsif v_act = 'reverse' and r_there[o] and (r_debit[o] <> p_credit[n] or r_cperson[o] <> p_debit_person[n]
                                                    or r_credit[o] <> p_debit[n]) then
            v_status := 'no_account';
        elsif v_act = 'reverse' and r_there[o] and r_mirror[o] then
            v_status := 'not_permitted';
        elsif v_act = 'reverse' and r_there[o] and r_amount[o] <> p_amount[n] then
            v_status := 'amount';
        elsif v_act = 'reverse' and not r_there[o] then
            v_status := 'remembered';
        else
            v_status := case v_act when 'hold' then 'held' when 'capture' then 'captured' when 'void' then 'voided'
                                   else 'posted' end;
            if v_act in ('post', 'hold') and i_qfrom[n] is not null then
                for q in i_qfrom[n] .. i_qto[n] loop
                    l := q_l[q];
                    if coalesce(l_used[l], 0) + p_amount[n] > q_fen[q] or coalesce(l_times[l], 0) + 1 > q_times[q] then
                        v_status := 'limit'; v_limited := q_name[q];
                        exit;
                    end if;
                end loop;
            end if;
            if v_status in ('posted', 'held') and a_customer[d]
               and a_credits[d] - a_debits[d] - a_held[d] - a_frozen[d] < p_amount[n] then
                v_status := 'insufficient';
            end if;
        end if;
        s_status[n] := v_status; s_limited[n] := v_limited;
        v_new := v_new || n;

        -- change the counters; or, when one of a group is refused, take back what the group had done
        k := n; v_sign := 1;
        if v_status <> all(c_done) then
            continue when i_from[n] = i_to[n];
            v_broken := i_from[n]; k := n - 1; v_sign := -1;
        end if;
        while k >= case v_sign when 1 then n else i_from[n] end loop
            if v_sign = 1 or s_status[k] = any(c_done) then
                d := i_debit[k]; c := i_credit[k]; h := i_hold[k]; o := i_origin[k]; v_act := p_action[k]; v_fen := null;
                a_touched[d] := true; a_touched[c] := true;
                if s_status[k] in ('posted', 'captured') then
                    a_debits[d] := a_debits[d] + v_sign * p_amount[k]; a_seq[d] := a_seq[d] + v_sign;
                    a_credits[c] := a_credits[c] + v_sign * p_amount[k]; a_seq[c] := a_seq[c] + v_sign;
                    s_dseq[k] := a_seq[d]; s_dbal[k] := a_credits[d] - a_debits[d];
                    s_cseq[k] := a_seq[c]; s_cbal[k] := a_credits[c] - a_debits[c];
                end if;
                if v_act in ('post', 'hold') then
                    src := k; v_fen := p_amount[k]; v_times := 1;
                end if;
                if v_act = 'hold' then
                    a_held[d] := a_held[d] + v_sign * p_amount[k]; a_coming[c] := a_coming[c] + v_sign * p_amount[k];
                    h_state[h] := case v_sign when 1 then 'placed' end; h_by[h] := case v_sign when 1 then k end;
                    h_amount[h] := p_amount[k]; h_debit[h] := p_debit[k]; h_cperson[h] := p_credit_person[k];
                    h_credit[h] := p_credit[k]; h_expires[h] := p_expires[k]; h_on[h] := p_business_date[k];
                    h_limits[h] := coalesce(i_limits[k], '');
                elsif v_act in ('capture', 'void') then
                    a_held[d] := a_held[d] - v_sign * h_amount[h]; a_coming[c] := a_coming[c] - v_sign * h_amount[h];
                    h_state[h] := case v_sign when 1 then s_status[k] else 'placed' end;
                    h_end[h] := case v_sign when 1 then k end;
                    src := coalesce(h_by[h], k);
                    v_fen := case v_act when 'void' then -h_amount[h] else p_amount[k] - h_amount[h] end;
                    v_times := case v_act when 'void' then -1 else 0 end;
                elsif v_act = 'reverse' then
                    r_gone[o] := v_sign = 1;
                    if s_status[k] = 'posted' then
                        src := coalesce(i_source[r_by[o]], k); v_fen := -p_amount[k]; v_times := -1;
                    end if;
                end if;
                if i_own[k] is not null and s_status[k] in ('posted', 'captured') then
                    o := i_own[k];
                    r_there[o] := v_sign = 1; r_by[o] := case v_sign when 1 then k end; r_mirror[o] := v_act = 'reverse';
                    r_debit[o] := p_debit[k]; r_cperson[o] := p_credit_person[k]; r_credit[o] := p_credit[k];
                    r_amount[o] := p_amount[k];
                end if;
                if v_fen is not null and i_source is not null then
                    i_source[k] := src;
                    if i_qfrom[src] is not null then
                        for q in i_qfrom[src] .. i_qto[src] loop
                            l := q_l[q];
                            continue when l is null;
                            l_used[l] := l_used[l] + v_sign * v_fen; l_times[l] := l_times[l] + v_sign * v_times;
                            l_touched[l] := true;
                        end loop;
                    end if;
                end if;
                if v_sign = -1 then
                    s_status[k] := 'group_refused'; s_dseq[k] := null; s_cseq[k] := null; s_dbal[k] := null; s_cbal[k] := null;
                end if;
            end if;
            k := k - 1;
        end loop;
    end loop;

    -- 9. write; a row that somebody else has written since we looked ends all with LK001
    if v_new is not null then
    begin
        if s_status && array['posted', 'captured'] then
            insert into ledger_transfer (person_id, transfer_id, book, group_id, kind, debit_account_id, credit_person_id,
                                         credit_account_id, amount_fen, business_date, posted_at, reverses, memo, limits,
                                         counted_on)
            select p_debit_person[n], p_transfer[n], v_book, p_group[n], p_kind[n], p_debit[n], p_credit_person[n], p_credit[n],
                   p_amount[n], p_business_date[n], p_posted_at, p_reverses[n], coalesce(p_memo[n], ''), x.limits,
                   case when x.limits <> '' then x.counted_on end
              from unnest(v_new) n
             cross join lateral (select coalesce(case p_action[n] when 'capture' then h_limits[i_hold[n]]
                                                                  when 'post' then i_limits[n] end, '') as limits,
                                        case p_action[n] when 'capture' then h_on[i_hold[n]] else p_business_date[n] end
                                        as counted_on) x
             where s_status[n] in ('posted', 'captured');
            insert into ledger_entry (person_id, account_id, seq, book, transfer_id, side, kind, amount_fen, balance_fen,
                                      business_date, posted_at)
            select e.person, e.account, e.seq, v_book, p_transfer[n], e.side, p_kind[n], p_amount[n], e.balance,
                   p_business_date[n], p_posted_at
              from unnest(v_new) n
             cross join lateral (values (p_debit_person[n], p_debit[n], s_dseq[n], 'D', s_dbal[n]),
                                        (p_credit_person[n], p_credit[n], s_cseq[n], 'C', s_cbal[n]))
                        as e(person, account, seq, side, balance)
             where s_status[n] in ('posted', 'captured');
        end if;
        update ledger_ledgeraccount a
           set debits_posted = x.debits, credits_posted = x.credits, debits_held = x.held, credits_held = x.coming, seq = x.seq
          from unnest(a_person, a_id, a_debits, a_credits, a_held, a_coming, a_seq, a_touched)
               as x(person, id, debits, credits, held, coming, seq, touched)
         where x.touched and a.person_id = x.person and a.account_id = x.id;
        if h_id is not null then
            insert into ledger_hold (person_id, hold_id, book, account_id, credit_person_id, credit_account_id, kind, state,
                                     amount_fen, captured_fen, business_date, limits, placed_at, expires_at, ended_at, transfer_id)
            select x.person, x.id, v_book, x.debit, x.cperson, x.credit, p_kind[x.by], x.state, x.amount,
                   case x.state when 'captured' then p_amount[x.by_end] else 0 end, x.day, x.limits, p_posted_at, x.expires,
                   case when x.by_end is not null then p_posted_at end,
                   case x.state when 'captured' then p_transfer[x.by_end] end
              from unnest(h_person, h_id, h_state, h_amount, h_debit, h_cperson, h_credit, h_expires, h_on, h_limits, h_there,
                          h_by, h_end)
                   as x(person, id, state, amount, debit, cperson, credit, expires, day, limits, there, by, by_end)
             where x.state is not null and not x.there;
            update ledger_hold t
               set state = x.state, ended_at = p_posted_at,
                   captured_fen = case x.state when 'captured' then p_amount[x.by_end] else 0 end,
                   transfer_id = case x.state when 'captured' then p_transfer[x.by_end] end
              from unnest(h_person, h_id, h_state, h_there, h_end) as x(person, id, state, there, by_end)
             where x.there and x.by_end is not null and t.person_id = x.person and t.hold_id = x.id;
        end if;
        if r_id is not null then
            insert into ledger_reversal (person_id, transfer_id, book, reversed_by, at)
            select p_credit_person[n], p_reverses[n], v_book, case s_status[n] when 'posted' then p_transfer[n] end, p_posted_at
              from unnest(v_new) n where p_action[n] = 'reverse' and s_status[n] = any(c_done);
        end if;
        if l_kind is not null then  -- only under the account's lock, so what was not there is not there now
            update ledger_limituse u set used_fen = x.used, times = x.times
              from unnest(l_person, l_account, l_begins, l_period, l_kind, l_used, l_times, l_touched, l_there)
                   as x(person, account, begins, period, kind, used, times, touched, there)
             where x.touched and x.there and u.person_id = x.person and u.account_id = x.account and u.begins = x.begins
               and u.period = x.period and u.kind = x.kind;
            insert into ledger_limituse (person_id, account_id, begins, period, kind, book, used_fen, times)
            select x.person, x.account, x.begins, x.period, x.kind, v_book, x.used, x.times
              from unnest(l_person, l_account, l_begins, l_period, l_kind, l_used, l_times, l_touched, l_there)
                   as x(person, account, begins, period, kind, used, times, touched, there)
             where x.touched and not x.there;
        end if;
        if p_claim then
            update ledger_posting p
               set status = s_status[n], transfer_id = case when s_status[n] in ('posted', 'captured') then p_transfer[n] end,
                   debit_seq = s_dseq[n], credit_seq = s_cseq[n], debit_balance_fen = s_dbal[n], credit_balance_fen = s_cbal[n],
                   limited_by = coalesce(s_limited[n], '')
              from unnest(v_new) n
             where p.caller_id = p_caller[n] and p.key = p_key[n];
        else
            insert into ledger_posting (caller_id, key, book, fingerprint, status, transfer_id, debit_seq, credit_seq,
                                        debit_balance_fen, credit_balance_fen, limited_by, at)
            select p_caller[n], p_key[n], v_book, p_fingerprint[n], s_status[n],
                   case when s_status[n] in ('posted', 'captured') then p_transfer[n] end,
                   s_dseq[n], s_cseq[n], s_dbal[n], s_cbal[n], coalesce(s_limited[n], ''), p_posted_at
              from unnest(v_new) n order by p_caller[n], p_key[n];
        end if;
    exception when unique_violation then
        raise exception 'another movement took a key or an id meanwhile' using errcode = 'LK001';
    end;
    end if;
    if p_claim then  -- what may be tried again keeps no claim
        delete from ledger_posting p using unnest(p_caller, p_key, i_known, s_status, i_first)
                    with ordinality as i(caller, key, known, status, first, n)
         where not i.known and i.first = i.n and i.status in ('busy', 'business_day_closed')
           and p.caller_id = i.caller and p.key = i.key and p.status = 'claimed';
    end if;

    -- 10. repeats: the first answer, or "key_reused" when it was for something else
    if coalesce(cardinality(v_new), 0) < v_n then
        select array_agg(case when x.n = any(v_new) then s_status[x.n]
                              when k.fingerprint = x.fingerprint then k.status
                              when k.fingerprint is null then coalesce(s_status[x.n], s_status[x.first], 'key_reused')
                              else 'key_reused' end order by x.n),
               array_agg(x.n <> all(coalesce(v_new, '{}')) and coalesce(k.fingerprint = x.fingerprint, false) order by x.n),
               array_agg(case when k.fingerprint = x.fingerprint then k.transfer_id end order by x.n),
               array_agg(case when k.fingerprint = x.fingerprint then k.debit_seq end order by x.n),
               array_agg(case when k.fingerprint = x.fingerprint then k.credit_seq end order by x.n),
               array_agg(case when k.fingerprint = x.fingerprint then k.debit_balance_fen end order by x.n),
               array_agg(case when k.fingerprint = x.fingerprint then k.credit_balance_fen end order by x.n),
               array_agg(case when k.fingerprint = x.fingerprint then nullif(k.limited_by, '') end order by x.n)
          into s_status, s_again, s_transfer, s_dseq, s_cseq, s_dbal, s_cbal, s_limited
          from unnest(p_caller, p_key, p_fingerprint, i_first) with ordinality as x(caller, key, fingerprint, first, n)
          left join ledger_posting k on k.caller_id = x.caller and k.key = x.key;
    else
        select array_agg(case when x.status in ('posted', 'captured') then x.transfer end order by x.n) into s_transfer
          from unnest(s_status, p_transfer) with ordinality as x(status, transfer, n);
    end if;

    perform set_config('sscard.batch', case when s_status <@ c_done and not true = any(s_again) then 'done' else '' end, true);
    return query
        select x.n::integer, x.status, x.again, x.transfer, x.dseq, x.cseq, x.dbal, x.cbal, x.limited
          from unnest(s_status, s_again, s_transfer, s_dseq, s_cseq, s_dbal, s_cbal, s_limited)
               with ordinality as x(status, again, transfer, dseq, cseq, dbal, cbal, limited, n)
         order by x.n;
end
$$;
revoke all on function ledger_post_batch from public;
grant execute on function ledger_post_batch to sscard_bank;
