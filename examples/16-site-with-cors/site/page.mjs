// Where the API is, only the stack knows: it is written beside this page.
const manifest = await (await fetch('/MANIFEST.json')).json()
document.getElementById('title').textContent = manifest.userdata.title

const name = new URLSearchParams(location.search).get('name')
const query = name ? `?name=${encodeURIComponent(name)}` : ''
const answer = await fetch(`${manifest.GreeterUrl.Value}/hello${query}`)
document.getElementById('greeting').textContent = (await answer.json()).message
