-- Sends the requests of a file over wrk's connections, each once, and tells what became of them. Knows no route.
-- The file: for each request a line with its bytes and the status it must be answered with, then those bytes.
local ffi = require("ffi")
ffi.cdef("int getpid(void); int kill(int pid, int signal);")
local INTERRUPT = 2

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local line = file:read("*l")
  wanted = tonumber(arguments[2])
  requests, expected, sent, answered, refused, wrong, wrong_answer = {}, {}, 0, 0, 0, 0, ""
  while line do
    local length, status = line:match("^(%d+) (%d+)$")
    table.insert(requests, file:read(tonumber(length)))
    table.insert(expected, tonumber(status))
    line = file:read("*l")
  end
  file:close()
end

function request()
  sent = sent % #requests + 1
  return requests[sent]
end

-- All requests of a file expect the same status, so it does not matter which of them this answers.
function response(status, headers, body)
  answered = answered + 1
  if status == 503 then
    refused = refused + 1
  elseif status ~= expected[1] then
    wrong = wrong + 1
    wrong_answer = status .. " " .. (headers["location"] or "") .. " " .. (body:match("<main.*") or body):sub(1, 500)
  end
  if answered == wanted then
    wrk.thread:stop()
    ffi.C.kill(ffi.C.getpid(), INTERRUPT) -- or wrk would sleep until its --duration is over
  end
end

function done(summary, latency, _)
  local figures = string.format(
    "%d %d %d %d %d %.0f %.0f",
    threads[1]:get("answered"), threads[1]:get("refused"), threads[1]:get("wrong"),
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    summary.duration, latency:percentile(50), latency:percentile(99)
  )
  io.stderr:write(figures, "\n", threads[1]:get("wrong_answer"))
end
