-- End the holds of this book whose time has run out: state expired, counters back, limits given back; at most p_most at a
-- time, and those whose accounts somebody else holds wait for the next call. Answers how many it ended.
-- Locks in the same order as ledger_post_batch: the book's day (shared), then accounts by (person_id, account_id).
create function ledger_expire_holds(p_now timestamptz, p_most integer) returns integer
language plpgsql volatile security invoker
set search_path = public, pg_temp
as $$
declare
    v_book text := nullif(current_setting('sscard.book', true), '');
    v_person bigint[]; v_hold uuid[]; v_locked_person bigint[]; v_locked uuid[];
begin
    if v_book is null then
        raise exception 'ledger_expire_holds needs a book: enter the bank''s role first';
    end if;
    perform pg_advisory_xact_lock_shared(7215, hashtext(v_book));
    select array_agg(x.person_id), array_agg(x.hold_id) into v_person, v_hold
      from (select h.person_id, h.hold_id from ledger_hold h
             where h.state = 'placed' and h.expires_at <= p_now order by h.expires_at limit p_most) x;
    if v_hold is null then
        return 0;
    end if;
    select array_agg(t.person_id), array_agg(t.account_id) into v_locked_person, v_locked
      from (select a.person_id, a.account_id from ledger_ledgeraccount a
             where (a.person_id, a.account_id) in (
                   select h.person_id, h.account_id from unnest(v_person, v_hold) as x(person, hold)
                     join ledger_hold h on h.person_id = x.person and h.hold_id = x.hold
                   union
                   select h.credit_person_id, h.credit_account_id from unnest(v_person, v_hold) as x(person, hold)
                     join ledger_hold h on h.person_id = x.person and h.hold_id = x.hold)
             order by a.person_id, a.account_id for no key update of a skip locked) t;
    -- only now, under the locks, is a hold's state certain
    select array_agg(h.person_id), array_agg(h.hold_id) into v_person, v_hold
      from unnest(v_person, v_hold) as x(person, hold)
      join ledger_hold h on h.person_id = x.person and h.hold_id = x.hold and h.state = 'placed'
     where exists (select from unnest(v_locked_person, v_locked) as l(person, account)
                    where l.person = h.person_id and l.account = h.account_id)
       and exists (select from unnest(v_locked_person, v_locked) as l(person, account)
                    where l.person = h.credit_person_id and l.account = h.credit_account_id);
    if v_hold is null then
        return 0;
    end if;
    with ended as (
        select h.* from unnest(v_person, v_hold) as x(person, hold)
          join ledger_hold h on h.person_id = x.person and h.hold_id = x.hold),
    freed as (
        select person_id, account_id, sum(d) as d, sum(c) as c
          from (select person_id, account_id, amount_fen as d, 0 as c from ended
                 union all select credit_person_id, credit_account_id, 0, amount_fen from ended) s
         group by person_id, account_id)
    update ledger_ledgeraccount a set debits_held = a.debits_held - f.d, credits_held = a.credits_held - f.c
      from freed f where a.person_id = f.person_id and a.account_id = f.account_id;
    with back as (
        select h.person_id, h.account_id, date_trunc(split_part(e.name, ':', 2), h.business_date)::date as begins,
               split_part(e.name, ':', 2) as period, split_part(e.name, ':', 1) as kind,
               sum(h.amount_fen) as fen, count(*) as times
          from unnest(v_person, v_hold) as x(person, hold)
          join ledger_hold h on h.person_id = x.person and h.hold_id = x.hold and h.limits <> ''
         cross join lateral unnest(string_to_array(h.limits, ' ')) as e(name)
         group by 1, 2, 3, 4, 5)
    update ledger_limituse u set used_fen = u.used_fen - b.fen, times = u.times - b.times
      from back b where u.person_id = b.person_id and u.account_id = b.account_id and u.begins = b.begins
                    and u.period = b.period and u.kind = b.kind;
    update ledger_hold h set state = 'expired', ended_at = p_now
      from unnest(v_person, v_hold) as x(person, hold) where h.person_id = x.person and h.hold_id = x.hold;
    return cardinality(v_hold);
end
$$;
revoke all on function ledger_expire_holds from public;
grant execute on function ledger_expire_holds to sscard_bank;
