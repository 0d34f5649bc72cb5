-- Requests of one measurement. Arguments after "--": a file with one path a line; a number, or "same".
-- With a number every request gets another, unknown parameter, so that no cache has seen its address.
local paths, count, number = {}, 0, nil

function init(args)
  for line in io.lines(args[1]) do paths[#paths + 1] = line end
  number = tonumber(args[2])
  wrk.path = paths[1]
  if number == nil and #paths == 1 then return end
  request = function()
    count = count + 1
    local path = paths[count % #paths + 1]
    if number ~= nil then
      path = path .. (path:find("?", 1, true) and "&_=" or "?_=") .. string.format("%d", number + count)
    end
    return wrk.format("GET", path)
  end
end

function done(summary, latency, requests)
  local e = summary.errors
  print(string.format(
    '{"requests": %d, "microseconds": %d, "bytes": %d, "p50_us": %d, "p99_us": %d, "errors": %d, "refused": %d}',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.timeout, e.status))
end
