-- The last departure of one aircraft from New York, known once it has left: one row per aircraft and minute of departure.
-- Flights without a tail number name no aircraft.
with departures as (
  select
    tailnum,
    time_hour + to_minutes(minute + dep_delay) as departed_at,
    max(dep_delay) as delay,
    max(distance) as distance
  from flights
  where dep_delay is not null and tailnum is not null
  group by tailnum, departed_at
)
select
  tailnum,
  departed_at,
  delay::double as last_delay,
  distance::double as last_distance,
  -- Beside the hour of the next departure this tells how long the aircraft has been away.
  (date_part('epoch', timezone('America/New_York', departed_at)::time) / 3600)::double as last_hour,
  (count(*) over last_day)::integer as flights_24h,
  (max(delay) over last_day)::double as delay_max_24h
from departures
window last_day as (
  partition by tailnum order by departed_at range between interval 24 hours preceding and current row
)
