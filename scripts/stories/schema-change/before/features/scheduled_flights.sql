select
  strftime(make_date(year, month, day), '%Y-%m-%d') || '/' || carrier || '/' || flight || '/' || origin as flight_id,
  origin,
  distance::double as distance,
  time_hour + to_minutes(minute) as scheduled_at
from flights
