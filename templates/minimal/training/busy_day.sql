-- One row per station and day, asked at its first moment, when only yesterday's rentals are known.
select
  station,
  day,
  (day - interval 1 day)::date as yesterday,
  day::timestamptz as predict_at,
  rain_forecast
from station_days
