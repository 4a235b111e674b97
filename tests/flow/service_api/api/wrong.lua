-- Nothing here may be reached.
return {
  unmarked = function()
    return "secret"
  end,
  number = 7,
}
