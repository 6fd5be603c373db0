-- Departures of one airport, as known at the moment a flight leaves: one row per airport and minute of departure.
-- A delay counts from the moment the flight has left, never from its schedule.
with scheduled as (
  select
    origin,
    time_hour + to_minutes(minute) as scheduled_at,
    time_hour + to_minutes(minute + dep_delay) as departed_at,
    dep_delay
  from flights
),
-- A flight waits from its schedule until it leaves. One that never leaves counts for four hours:
-- that it was cancelled is nowhere said, and must not be known before.
changes as (
  select origin, scheduled_at as moment, 1 as waiting, 0 as flights, 0 as delay, 0 as late
  from scheduled
  where dep_delay is null or dep_delay > 0
  union all
  select origin, least(departed_at, scheduled_at + interval 4 hours), -1, 0, 0, 0
  from scheduled
  where dep_delay is null or dep_delay > 0
  union all
  select origin, departed_at, 0, 1, dep_delay, (dep_delay > 15)::integer
  from scheduled
  where dep_delay is not null
),
-- Several flights share an airport and a minute; whole numbers keep every later sum exact.
minutes as (
  select
    origin,
    moment,
    sum(waiting) as waiting,
    sum(flights) as flights,
    sum(delay) as delay,
    sum(late) as late
  from changes
  group by origin, moment
)
select
  origin,
  moment as departed_at,
  (sum(delay) over last_hour / sum(flights) over last_hour)::double as delay_mean_1h,
  (sum(late) over last_hour / sum(flights) over last_hour)::double as late_share_1h,
  (sum(flights) over last_hour)::integer as departures_1h,
  (sum(delay) over last_3_hours / sum(flights) over last_3_hours)::double as delay_mean_3h,
  (sum(late) over last_3_hours / sum(flights) over last_3_hours)::double as late_share_3h,
  (sum(flights) over last_3_hours)::integer as departures_3h,
  (sum(waiting) over so_far)::integer as waiting
from minutes
window
  last_hour as (partition by origin order by moment range between interval 1 hour preceding and current row),
  last_3_hours as (partition by origin order by moment range between interval 3 hours preceding and current row),
  so_far as (partition by origin order by moment)
qualify flights > 0
