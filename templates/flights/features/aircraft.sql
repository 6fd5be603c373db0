-- What the aircraft register says; it does not know every tail number that flies.
select
  tailnum,
  seats::integer as seats,
  year::integer as built
from planes
