import { describe, expect, test } from "vitest";
import { chooseUnprivileged } from "./account";

describe("the user PostgreSQL runs as instead of root", () => {
  test("is nobody, with the uid of this system", () => {
    const passwd = "root:x:0:0::/root:/bin/sh\nbin:x:1:1::/:/sbin/nologin\nnobody:x:99:98::/:/sbin/nologin\n";
    expect(chooseUnprivileged(passwd)).toEqual({ uid: 99, gid: 98 });
  });

  test("is the first user other than root without a nobody, since initdb needs a name", () => {
    expect(chooseUnprivileged("root:x:0:0::/root:/bin/sh\napp:x:1001:1002::/:/bin/sh\n")).toEqual({
      uid: 1001,
      gid: 1002,
    });
  });

  test("is the usual uid of nobody without any users", () => {
    expect(chooseUnprivileged("")).toEqual({ uid: 65_534, gid: 65_534 });
  });
});
