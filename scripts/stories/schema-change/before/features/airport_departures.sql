-- Departures of one airport over the last hour, as known at the moment a flight leaves.
with minutes as (
  select origin, time_hour + to_minutes(minute + dep_delay) as departed_at, sum(dep_delay) as delay, count(*) as flights
  from flights
  where dep_delay is not null
  group by all
)
select
  origin,
  departed_at,
  (sum(delay) over last_hour / sum(flights) over last_hour)::double as delay_mean_1h,
  (sum(flights) over last_hour)::integer as departures_1h
from minutes
window last_hour as (partition by origin order by departed_at range between interval 1 hour preceding and current row)
