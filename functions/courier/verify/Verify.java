// Is a webhook from Carillon? Java 11 or newer, without packages. Spring: take the body as byte[].
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Verify {
    /** `secret` is whsec_…, `body` the bytes as they came, `now` in seconds since 1970. False: answer 401. */
    static boolean verify(String secret, String id, String timestamp, String signatures, byte[] body, long now)
            throws Exception {
        if (Math.abs(now - Long.parseLong(timestamp)) > 300) return false; // an old one that somebody sends again
        byte[] key = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        byte[] own = ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body))).getBytes(StandardCharsets.UTF_8);
        // Several while a secret is replaced: one that fits is enough.
        return Arrays.stream(signatures.split(" "))
            .anyMatch(given -> MessageDigest.isEqual(own, given.getBytes(StandardCharsets.UTF_8)));
    }

    public static void main(String[] args) throws Exception { // secret id timestamp signatures now < body
        byte[] body = System.in.readAllBytes();
        System.exit(verify(args[0], args[1], args[2], args[3], body, Long.parseLong(args[4])) ? 0 : 1);
    }
}
