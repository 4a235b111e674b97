--- Signatures of RSA, by the example of RFC 7515, A.2; more of them are in tests/core/test_rsa.c.
local digest = require "host.digest"
local rsa = require "host.rsa"

local MODULUS <const> = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4"
  .. "qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2j"
  .. "Z47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7W"
  .. "TBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK"
  .. "-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
local INPUT <const> = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogI"
  .. "mh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
local SIGNATURE <const> = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm"
  .. "4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--"
  .. "f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383Lc"
  .. "OLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUi"
  .. "pUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"

local function claim(more)
  local said = {
    hash = "sha256",
    modulus = digest.from_base64url(MODULUS),
    exponent = "\1\0\1",
    bytes = INPUT,
    signature = digest.from_base64url(SIGNATURE),
  }
  for name, value in pairs(more or {}) do
    said[name] = value
  end
  return said
end

describe("host.rsa", function()
  it("knows a signature from a tampered one", function()
    assert.is_true(rsa.verify(claim()))
    for _, tampered in ipairs {
      { bytes = INPUT .. "A" },
      { bytes = "" },
      { hash = "sha384" },
      { hash = "sha512" },
      { signature = "" },
      { signature = ("\0"):rep(256) },
      { signature = ("\xff"):rep(256) },
      { exponent = "\3" },
    } do
      assert.is_false(rsa.verify(claim(tampered)))
    end
  end)

  it("returns nil and an error for a key that cannot be used", function()
    for _, key in ipairs {
      { modulus = "" },
      { modulus = ("\xff"):rep(128) },
      { modulus = ("\xff"):rep(1025) },
      { modulus = ("\xfe"):rep(256) },
      { exponent = "" },
      { exponent = "\1" },
      { exponent = "\1\0\0" },
      { exponent = ("\xff"):rep(9) },
    } do
      local is_valid, err = rsa.verify(claim(key))
      assert.is_nil(is_valid)
      assert.equal("input", err.kind)
    end
    local _, err = rsa.verify(claim { modulus = ("\xff"):rep(128) })
    assert.equal("a key of RSA has 2048 to 8192 bits, and not 1024", tostring(err))
  end)

  it("raises for what cannot be meant, and names the field", function()
    for pattern, more in pairs {
      ["unknown field 'key'"] = { key = "x" },
      ["field 'hash': 'sha256', 'sha384' or 'sha512' expected"] = { hash = "md5" },
      ["field 'signature'"] = { signature = 42 },
      ["field 'bytes'"] = { bytes = {} },
    } do
      assert.error_matches(pattern, function()
        rsa.verify(claim(more))
      end)
    end
    assert.error_matches("field 'modulus'", function()
      rsa.verify { hash = "sha256" }
    end)
    assert.error_matches("table expected", function()
      rsa.verify "x"
    end)
  end)
end)
