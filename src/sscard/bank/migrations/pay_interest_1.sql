-- Interest of one period for at most p_most accounts of an area in the book whose role we are, set by set.
--
-- An account is due when it is open, was opened by p_end, and has no row for a period that ends on p_end or later. Its days
-- go on after its last period. A day counts with its day-end balance in whole yuan; p_end counts, too. Each amount above
-- zero becomes one movement from the bank's own account (p_expense_person, p_expense) on business date p_day, written as
-- ledger_post_batch writes it: key, transfer, two entries with sequence and running balance, counters. The row of the
-- period (unique by account and period) is written first, and only what it lets in is posted: whatever runs twice or side
-- by side, an account is paid once.
--
-- Order of locks as in ledger_post_batch: the day, then accounts by (person_id, account_id). Call it as the last statement
-- of a transaction. Accounts after (p_after_person, p_after_account) up to those of p_until_person, in that order.
create function bank_pay_interest(
    p_area text, p_end date, p_rate_ppm integer, p_rate_source text, p_day date, p_at timestamptz,
    p_after_person bigint, p_after_account uuid, p_until_person bigint, p_most integer,
    p_expense_person bigint, p_expense uuid, p_caller uuid
) returns table (
    accounts integer, paid integer, amount_fen bigint, last_person bigint, last_account uuid
)
language plpgsql volatile security invoker
-- arrays look alike to the planner whatever their length: keep one plan, and that by index
set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set search_path = public, pg_temp
as $$
declare
    v_book text := nullif(current_setting('sscard.book', true), '');
    d_person bigint[]; d_account uuid[]; d_begins date[]; d_after bigint[]; d_carried bigint[];
    v_closed date;
begin
    if v_book is null then
        raise exception 'bank_pay_interest needs a book: enter the bank''s role first';
    end if;

    -- 1. who is due
    select array_agg(x.person_id), array_agg(x.account_id), array_agg(x.begins), array_agg(x.after_seq), array_agg(x.carried)
      into d_person, d_account, d_begins, d_after, d_carried
      from (select a.person_id, a.account_id, coalesce(i.through_seq, 0) as after_seq, coalesce(i.balance_fen, 0) as carried,
                   coalesce(i.period_end + 1, (a.opened_at at time zone 'Asia/Shanghai')::date) as begins
              from bank_bankaccount a
              left join lateral (select p.period_end, p.through_seq, p.balance_fen from bank_interestpaid p
                                  where p.person_id = a.person_id and p.account_id = a.account_id
                                  order by p.period_end desc limit 1) i on true
             where a.area_code = p_area and a.status in ('NOT_ACTIVATED', 'ACTIVE')
               and (a.person_id, a.account_id) > (p_after_person, p_after_account) and a.person_id <= p_until_person
               and (a.opened_at at time zone 'Asia/Shanghai')::date <= p_end
               and (i.period_end is null or i.period_end < p_end)
             order by a.person_id, a.account_id limit p_most) x;
    if d_person is null then
        return;
    end if;

    -- 2. lock: the day, then the accounts
    perform pg_advisory_xact_lock_shared(7215, hashtext(v_book));
    select max(b.day) into v_closed from ledger_businessday b where b.book = v_book;
    if v_closed is not null and v_closed >= p_day then
        raise exception 'business date % of % is closed', p_day, v_book;
    end if;
    perform 1 from ledger_ledgeraccount a
     where (a.person_id, a.account_id) in (select * from unnest(d_person, d_account)
                                     union select p_expense_person, p_expense)
     order by a.person_id, a.account_id for no key update;

    -- 3. count the days, write the periods, post what is above zero
    return query
    with due as (
        select * from unnest(d_person, d_account, d_begins, d_after, d_carried) as d(person, account, begins, after_seq, carried)
    ), points as (
        select d.person, d.account, d.begins, d.after_seq as seq, d.begins as day, d.carried as balance from due d
         union all
        select d.person, d.account, d.begins, e.seq, greatest(e.business_date, d.begins), e.balance_fen
          from due d
          join ledger_entry e on e.person_id = d.person and e.account_id = d.account and e.seq > d.after_seq
                             and e.business_date <= p_end
    ), ordered as (
        select p.person, p.account, p.begins, p.seq, p.balance,
               max(p.day) over (partition by p.person, p.account order by p.seq) as day
          from points p
    ), spans as (
        select o.person, o.account, o.begins, o.seq, o.balance,
               lead(o.day, 1, p_end + 1) over (partition by o.person, o.account order by o.seq) - o.day as days
          from ordered o
    ), sums as (
        select s.person, s.account, s.begins, sum(greatest(s.balance, 0) / 100 * s.days)::bigint as yuan_days, max(s.seq) as through_seq,
               (array_agg(s.balance order by s.seq desc))[1] as balance
          from spans s group by s.person, s.account, s.begins
    ), amounts as (
        select s.*, (s.yuan_days * p_rate_ppm + 1800000) / 3600000 as fen from sums s
    ), periods as (
        insert into bank_interestpaid as ip
               (person_id, account_id, period_end, book, period_begin, yuan_days, rate_ppm, rate_source, amount_fen, transfer_id,
                through_seq, balance_fen, made_at)
        select a.person, a.account, p_end, v_book, a.begins, a.yuan_days, p_rate_ppm, p_rate_source, a.fen,
               case when a.fen > 0 then gen_random_uuid() end, a.through_seq, a.balance, p_at
          from amounts a
        on conflict do nothing
        returning ip.person_id, ip.account_id, ip.amount_fen, ip.transfer_id
    ), moves as (
        select p.person_id, p.account_id, p.amount_fen as fen, p.transfer_id, l.seq + 1 as seq,
               l.credits_posted - l.debits_posted + p.amount_fen as balance,
               row_number() over w as n, sum(p.amount_fen) over w as running,
               'interest:' || p.account_id || ':' || p_end as key
          from periods p
          join ledger_ledgeraccount l on l.person_id = p.person_id and l.account_id = p.account_id
         where p.amount_fen > 0
        window w as (order by p.person_id, p.account_id)
    ), expense as (
        select l.seq, l.credits_posted - l.debits_posted as balance from ledger_ledgeraccount l
         where l.person_id = p_expense_person and l.account_id = p_expense
    ), keys as (
        insert into ledger_posting (caller_id, key, book, fingerprint, status, transfer_id, debit_seq, credit_seq,
                                    debit_balance_fen, credit_balance_fen, limited_by, at)
        select p_caller, m.key, v_book, sha256(convert_to(m.key || '|' || m.fen, 'UTF8')), 'posted', m.transfer_id, x.seq + m.n,
               m.seq, x.balance - m.running, m.balance, '', p_at
          from moves m cross join expense x
    ), transfers as (
        insert into ledger_transfer (person_id, transfer_id, book, group_id, kind, debit_account_id, credit_person_id,
                                     credit_account_id, amount_fen, business_date, posted_at, reverses, memo, limits, counted_on)
        select p_expense_person, m.transfer_id, v_book, null, 'interest', p_expense, m.person_id, m.account_id, m.fen, p_day, p_at,
               null, '', '', null
          from moves m
    ), entries as (
        insert into ledger_entry (person_id, account_id, seq, book, transfer_id, side, kind, amount_fen, balance_fen,
                                  business_date, posted_at)
        select e.person, e.account, e.seq, v_book, m.transfer_id, e.side, 'interest', m.fen, e.balance, p_day, p_at
          from moves m cross join expense x
         cross join lateral (values (p_expense_person, p_expense, x.seq + m.n, 'D', x.balance - m.running),
                                    (m.person_id, m.account_id, m.seq, 'C', m.balance)) as e(person, account, seq, side, balance)
    ), counters as (
        update ledger_ledgeraccount l
           set debits_posted = l.debits_posted + c.debits, credits_posted = l.credits_posted + c.credits, seq = l.seq + c.steps
          from (select m.person_id as person, m.account_id as account, 0::bigint as debits, m.fen as credits, 1::bigint as steps
                  from moves m
                 union all
                select p_expense_person, p_expense, sum(m.fen)::bigint, 0, count(*) from moves m having count(*) > 0) c
         where l.person_id = c.person and l.account_id = c.account
    )
    select cardinality(d_person), (select count(*) from moves)::integer, (select coalesce(sum(m.fen), 0) from moves m)::bigint,
           d_person[cardinality(d_person)], d_account[cardinality(d_person)];
end
$$;
revoke all on function bank_pay_interest from public;
grant execute on function bank_pay_interest to sscard_bank;
