local xml = require "host.xml"

describe("host.xml", function()
  it("gives a tree", function()
    local root = assert(xml.decode [[
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Name>photos</Name><Contents><Key>a&amp;b</Key></Contents><Contents/>
</ListBucketResult>]])
    assert.equal("ListBucketResult", root.name)
    assert.same({ xmlns = "http://s3.amazonaws.com/doc/2006-03-01/" }, root.attributes)
    assert.equal(3, #root)
    assert.same({ name = "Name", text = "photos" }, root[1])
    assert.equal("a&b", root[2][1].text)
    assert.same({ name = "Contents", text = "" }, root[3])
  end)

  it("joins the text of an element, and leaves out its children's", function()
    assert.same(
      { name = "a", text = "1\n2\n34", { name = "b", text = "x", { name = "c", text = "" } } },
      xml.decode "<a>1\n2\n<b><c/>x</b>3<![CDATA[4]]></a>"
    )
  end)

  it("returns nil and an error with the place of what is no XML", function()
    local root, err = xml.decode "<a>\n<b></a>"
    assert.is_nil(root)
    assert.equal("input", err.kind)
    assert.equal("line 2, column 6: mismatched tag", tostring(err))
  end)

  it("refuses entity declarations", function()
    local root, err = xml.decode '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
    assert.is_nil(root)
    assert.matches("entity declarations are not accepted", tostring(err))
  end)

  it("keeps to limits", function()
    local deep = ("<a>"):rep(65) .. ("</a>"):rep(65)
    local root, err = xml.decode(deep)
    assert.is_nil(root)
    assert.equal("limit", err.kind)
    assert.is_not_nil(xml.decode(deep, { max_depth = 65 }))
    for _, limits in ipairs { { max_bytes = 10 }, { max_nodes = 64 }, { max_depth = 1 } } do
      local refused, problem = xml.decode(deep, limits)
      assert.is_nil(refused)
      assert.equal("limit", problem.kind)
    end
  end)

  it("reads many elements and many lines in linear time", function()
    local root = assert(xml.decode("<a>" .. ("<b/>\n"):rep(5000) .. "</a>"))
    assert.equal(5000, #root)
    assert.equal(("\n"):rep(5000), root.text)
  end)

  it("escapes text so that it comes back", function()
    local text = "<a href=\"x\">'&'\t\r\né</a>"
    assert.equal(text, assert(xml.decode("<t>" .. xml.escape(text) .. "</t>")).text)
    assert.equal("\xEF\xBF\xBD", xml.escape "\0")
  end)

  it("raises for what cannot be meant", function()
    assert.error_matches("#1 to 'decode' %(string expected, got nil%)", function()
      xml.decode(nil)
    end)
    assert.error_matches("#2 to 'decode' %(unknown field 'depth'%)", function()
      xml.decode("<a/>", { depth = 1 })
    end)
    assert.error_matches("#2 to 'decode' %(field 'max_depth': 0 is not between 1 and 4096%)",
      function()
        xml.decode("<a/>", { max_depth = 0 })
      end)
  end)
end)
