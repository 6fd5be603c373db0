-- Departures of one carrier from one airport, as known at the moment a flight leaves: one row per carrier, airport and minute.
-- A delay counts from the moment the flight has left, never from its schedule.
with scheduled as (
  select
    carrier,
    origin,
    time_hour + to_minutes(minute) as scheduled_at,
    time_hour + to_minutes(minute + dep_delay) as departed_at,
    dep_delay
  from flights
),
-- A flight waits from its schedule until it leaves. One that never leaves counts for four hours:
-- that it was cancelled is nowhere said, and must not be known before.
changes as (
  select carrier, origin, scheduled_at as moment, 1 as waiting, 0 as flights, 0 as delay, 0 as late
  from scheduled
  where dep_delay is null or dep_delay > 0
  union all
  select carrier, origin, least(departed_at, scheduled_at + interval 4 hours), -1, 0, 0, 0
  from scheduled
  where dep_delay is null or dep_delay > 0
  union all
  select carrier, origin, departed_at, 0, 1, dep_delay, (dep_delay > 15)::integer
  from scheduled
  where dep_delay is not null
),
-- Several flights share a carrier, an airport and a minute; whole numbers keep every later sum exact.
minutes as (
  select
    carrier,
    origin,
    moment,
    sum(waiting) as waiting,
    sum(flights) as flights,
    sum(delay) as delay,
    sum(late) as late
  from changes
  group by carrier, origin, moment
)
select
  carrier,
    origin,
  moment as departed_at,
  (sum(delay) over last_3_hours / sum(flights) over last_3_hours)::double as carrier_delay_mean_3h,
  (sum(late) over last_3_hours / sum(flights) over last_3_hours)::double as carrier_late_share_3h,
  (sum(flights) over last_3_hours)::integer as carrier_departures_3h,
  (sum(waiting) over so_far)::integer as carrier_waiting
from minutes
window
  last_3_hours as (partition by carrier, origin order by moment range between interval 3 hours preceding and current row),
  so_far as (partition by carrier, origin order by moment)
qualify flights > 0
