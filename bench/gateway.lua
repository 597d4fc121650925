-- Clients of the gateway for the benchmark, as wrk runs them: each connection asks again as soon as it is answered.
--
--     wrk -t1 -c256 -d5s -s gateway.lua https://localhost:PORT -- deposit|look HEADER FIRST ACCOUNTS RUN
--
-- Each deposit has a key of its own, out of RUN (made by the caller), the thread and a number. Prints one line of JSON: answers,
-- those that were not good, seconds, waiting.

local threads = 0

function setup(thread)
   threads = threads + 1
   thread:set("number", threads)
end

function init(args)
   what, header, first, accounts, run = args[1], args[2], tonumber(args[3]), tonumber(args[4]), args[5]
   count = 0
   math.randomseed(os.time() + number)
   local name, value = header:match("^(.-): (.*)$")
   wrk.headers[name] = value
   if what == "deposit" then
      wrk.headers["Content-Type"] = "application/json"
   end
end

local function account()
   return string.format("00000000-0000-0000-0000-%012x", first + math.random(0, accounts - 1))
end

function request()
   if what == "look" then
      return wrk.format("GET", "/v1/accounts/" .. account() .. "/balance")
   end
   count = count + 1
   wrk.headers["Idempotency-Key"] = string.format("%s-%d-%d", run, number, count)
   return wrk.format("POST", "/v1/deposits", nil, string.format('{"account":"%s","amount_fen":%d}', account(), math.random(1, 100)))
end

function done(summary, latency, requests)
   local bad = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout
   io.write(string.format('{"answers":%d,"bad":%d,"seconds":%f,"p50_ms":%f,"p99_ms":%f}\n', summary.requests, bad,
      summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
