select
  strftime(make_date(year, month, day), '%Y-%m-%d') || '/' || carrier || '/' || flight || '/' || origin as flight_id,
  time_hour + to_minutes(minute) as scheduled_at,
  time_hour + to_minutes(minute + departure_delay) as departed_at,
  departure_delay > 15 as late
from flights
where departure_delay is not null
