-- What readers of version 1 get until it is retired: the old name.
select origin, departed_at, departure_delay_mean_1h as delay_mean_1h, departures_1h from airport_departures
