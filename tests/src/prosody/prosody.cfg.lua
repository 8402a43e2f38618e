-- One test's own server: accounts on "localhost", rooms on "rooms.localhost".
pidfile = "@FOLDER@/prosody.pid"
data_path = "@FOLDER@/data"
daemonize = false
log = { { levels = { min = "info" }, to = "console" } }
interfaces = { "127.0.0.1" }
local_interfaces = { "127.0.0.1" }
c2s_ports = { @PORT@ }
modules_enabled = { "saslauth", "smacks", "disco", "ping", "presence", "message", "iq" }
modules_disabled = { "s2s", "offline", "http", "admin_shell", "admin_socket", "tls" }
-- Without TLS: nothing leaves this machine.
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
storage = "internal"

VirtualHost "localhost"

Component "rooms.localhost" "muc"
  restrict_room_creation = false
  muc_room_locking = false
  muc_room_default_public_jids = false
