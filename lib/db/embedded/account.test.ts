import { describe, expect, test } from "vitest";
import { chooseUnprivileged } from "./account";

describe("whom PostgreSQL runs as instead of root", () => {
  test("is nobody, wherever the system keeps it", () => {
    const passwd = "root:x:0:0::/root:/bin/sh\nbin:x:1:1::/:/sbin/nologin\nnobody:x:99:98::/:/sbin/nologin\n";
    expect(chooseUnprivileged(passwd)).toEqual({ uid: 99, gid: 98 });
  });

  test("is the first who is not root where there is no nobody: initdb wants a user with a name", () => {
    expect(chooseUnprivileged("root:x:0:0::/root:/bin/sh\napp:x:1001:1002::/:/bin/sh\n")).toEqual({
      uid: 1001,
      gid: 1002,
    });
  });

  test("is the customary number of nobody where nothing is known", () => {
    expect(chooseUnprivileged("")).toEqual({ uid: 65_534, gid: 65_534 });
  });
});
