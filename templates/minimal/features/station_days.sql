-- One row per station and day, known when the day is over.
select
  station,
  day,
  (day + interval 1 day)::timestamptz as ended_at,
  rain_forecast::double as rain_forecast,
  rentals::integer as rentals,
  rentals >= 120 as busy
from rentals
