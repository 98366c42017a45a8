"""What has to happen in one step inside Redis, and how long ago things were by Redis's own clock.

The clocks of our machines may differ: an age is sent, never a time, and Redis's clock makes a time of it.
The scripts name keys that they find out themselves, so they are for one Redis and not for a cluster.
Redis 5 or newer knows all commands.
"""

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Script:
    """Lua with the digest under which Redis remembers it."""

    text: str
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "digest", hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()
        )


_PUT = """
local function put(inbox_key, kind, body, keep_ms)
  redis.call('XADD', inbox_key, '*', 'kind', kind, 'body', body)
  if redis.call('PTTL', inbox_key) < tonumber(keep_ms) then redis.call('PEXPIRE', inbox_key, keep_ms) end
end
"""

CLAIM = Script(
    _PUT
    + """
-- KEYS: index. ARGV: prefix of terminals, prefix of inboxes, my inbox, my process, lease in ms,
-- then for each terminal: serial number, link, age of the link in ms, commands that wait, 1 if just attached.
-- The newest link has the terminal. Returns those that a newer link of another process has.
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local lost = {}
for i = 6, #ARGV, 5 do
  local sn, link = ARGV[i], ARGV[i + 1]
  local key = ARGV[1] .. sn
  local since_ms = now_ms - tonumber(ARGV[i + 2])
  local held = redis.call('HMGET', key, 'inbox', 'link', 'since_ms')
  local is_mine = held[2] == link
  if is_mine or not held[2] or ARGV[i + 4] == '1' or tonumber(held[3]) <= since_ms then
    if not is_mine then
      if held[2] and held[1] ~= ARGV[3] then
        put(ARGV[2] .. held[1], 'lost', cjson.encode({sn = sn, link = held[2]}), ARGV[5])
      end
      redis.call('HSET', key, 'inbox', ARGV[3], 'process', ARGV[4], 'link', link,
        'since_ms', string.format('%.0f', since_ms))
    end
    redis.call('HSET', key, 'pending', ARGV[i + 3])
    redis.call('PEXPIRE', key, ARGV[5])
    redis.call('SADD', KEYS[1], sn)
  else
    lost[#lost + 1] = sn
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return lost
"""
)
"""A note goes to the process whose link was replaced."""

RELEASE = Script(
    """
-- KEYS: index. ARGV: prefix of terminals, then for each: serial number, link.
for i = 2, #ARGV, 2 do
  if redis.call('HGET', ARGV[1] .. ARGV[i], 'link') == ARGV[i + 1] then
    redis.call('DEL', ARGV[1] .. ARGV[i])
    redis.call('SREM', KEYS[1], ARGV[i])
  end
end
"""
)
"""Unless another link has taken the place."""

CONNECTED = Script(
    """
-- KEYS: index. ARGV: prefix of terminals. Returns serial number, process, commands that wait, and so on.
local found = {}
for _, sn in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local held = redis.call('HMGET', ARGV[1] .. sn, 'process', 'pending')
  if held[1] then
    found[#found + 1] = sn
    found[#found + 1] = held[1]
    found[#found + 1] = held[2]
  else
    redis.call('SREM', KEYS[1], sn)
  end
end
return found
"""
)

ROUTE = Script(
    _PUT
    + """
-- KEYS: the terminal. ARGV: prefix of inboxes, my inbox, body, how long it is kept in ms.
-- Returns the inbox of the process that has the terminal; a request to myself is not sent.
local inbox = redis.call('HGET', KEYS[1], 'inbox')
if inbox and inbox ~= ARGV[2] then put(ARGV[1] .. inbox, 'request', ARGV[3], ARGV[4]) end
return inbox
"""
)
"""Looking up and sending in one step: the process that is asked is the one that has it."""

SEND = Script(
    _PUT
    + """
-- KEYS: the inbox. ARGV: kind, body, how long it is kept in ms.
put(KEYS[1], ARGV[1], ARGV[2], ARGV[3])
"""
)
