-- Clients of the gateway for the benchmark, as wrk runs them: each connection asks again as soon as it is answered.
--
--     wrk -t1 -c256 -d5s -s gateway.lua https://localhost:PORT -- deposit|look HEADER FIRST ACCOUNTS RUN
--
-- Each deposit has a key of its own, out of RUN (made by the caller), the thread and a number. What all requests have in common
-- is written before the clock starts, as pgbench has its statements ready. Prints one line of JSON: answers, those that were
-- not good, seconds, waiting.

local threads = 0
local random, format = math.random, string.format

function setup(thread)
   threads = threads + 1
   thread:set("number", threads)
end

function init(args)
   what, header, first, accounts, run = args[1], args[2], tonumber(args[3]), tonumber(args[4]), args[5]
   count = 0
   math.randomseed(os.time() + number)
   local host = format("Host: %s:%s\r\n%s\r\n", wrk.host, wrk.port, header)
   look = "GET /v1/accounts/00000000-0000-0000-0000-%012x/balance HTTP/1.1\r\n" .. host .. "\r\n"
   deposit = "POST /v1/deposits HTTP/1.1\r\n" .. host .. "Content-Type: application/json\r\nIdempotency-Key: " .. run .. "-"
      .. number .. "-%d\r\nContent-Length: %d\r\n\r\n%s"
   body = '{"account":"00000000-0000-0000-0000-%012x","amount_fen":%d}'
end

function request()
   local account = first + random(0, accounts - 1)
   if what == "look" then
      return format(look, account)
   end
   count = count + 1
   local asked = format(body, account, random(1, 100))
   return format(deposit, count, #asked, asked)
end

function done(summary, latency, requests)
   local bad = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout
   io.write(format('{"answers":%d,"bad":%d,"seconds":%f,"p50_ms":%f,"p99_ms":%f}\n', summary.requests, bad,
      summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
