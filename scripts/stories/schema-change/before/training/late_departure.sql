select flight_id, origin, distance, scheduled_at - interval 1 hour as predict_at from scheduled_flights
