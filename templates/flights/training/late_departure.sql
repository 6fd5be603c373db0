-- One row per scheduled flight that names its aircraft, at the moment of the prediction: one hour before schedule.
select
  flight_id,
  origin,
  carrier,
  tailnum,
  dest,
  distance,
  scheduled_at,
  scheduled_at - interval 1 hour as predict_at
from scheduled_flights
where tailnum is not null
