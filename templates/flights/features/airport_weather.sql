-- Hourly weather at one airport. `availableAfter: 1h` says that an hour's report is known when the hour is over.
select
  origin,
  time_hour as observed_at,
  temp::double as temperature,
  humid::double as humidity,
  wind_speed::double as wind_speed,
  wind_gust::double as wind_gust,
  precip::double as precipitation,
  pressure::double as pressure,
  visib::double as visibility
from weather
