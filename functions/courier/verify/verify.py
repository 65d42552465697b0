"""Is a webhook from Carillon? Python 3, without packages. Flask: verify(SECRET, request.headers, request.get_data())."""
import base64, hashlib, hmac, sys, time

def verify(secret, headers, body, now=None):
    """`secret` is whsec_…, `body` the bytes as they came. False: answer 401."""
    id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    if abs((now or time.time()) - int(timestamp)) > 300:
        return False  # an old one that somebody sends again
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    own = "v1," + base64.b64encode(digest).decode()
    # Several while a secret is replaced: one that fits is enough.
    return any(hmac.compare_digest(own, given) for given in headers["webhook-signature"].split(" "))

if __name__ == "__main__":  # secret id timestamp signatures now < body
    secret, id, timestamp, signatures, now = sys.argv[1:]
    headers = {"webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures}
    sys.exit(0 if verify(secret, headers, sys.stdin.buffer.read(), int(now)) else 1)
