(() => {
const root = document.documentElement, toggle = document.getElementById('th');
if (toggle) {
  toggle.hidden = false;
  toggle.onclick = () => {
    const dark = root.classList.contains('dark') || (!root.classList.contains('light') && matchMedia('(prefers-color-scheme:dark)').matches);
    root.classList.remove('dark', 'light');
    root.classList.add(dark ? 'light' : 'dark');
  };
}
const block = document.getElementById('d'), line = document.getElementById('read');
if (!block || !line) return;
const data = JSON.parse(block.textContent), last = data.u.length - 1;
const plots = [...document.querySelectorAll('.pa.tc')], hint = [...line.childNodes];
line.hidden = false;
let bin = -1;
const clock = s => (s >= 3600 ? Math.floor(s / 3600) + ':' + String(Math.floor(s / 60) % 60).padStart(2, '0') : Math.floor(s / 60)) + ':' + String(s % 60).padStart(2, '0');
const time = v => v == null ? '–' : v < 1000 ? +v.toPrecision(3) + ' ms' : +(v / 1000).toPrecision(3) + ' s';
const number = v => v == null ? '–' : Number(v).toLocaleString('en');
const field = (name, value, unit) => {
  const span = document.createElement('span'), strong = document.createElement('b');
  strong.textContent = value;
  span.append(name, strong, unit || '');
  return span;
};
const show = index => {
  bin = Math.max(0, Math.min(last, index));
  for (const plot of plots) {
    const cursor = plot.querySelector('.ch');
    cursor.style.display = 'block';
    cursor.style.left = Math.min(100, (bin + .5) * data.bin / data.length * 100) + '%';
  }
  line.replaceChildren(
    field('', clock(bin * data.bin)), field('', number(data.u[bin]), ' users'),
    field('p50 ', time(data.p50[bin])), field('p95 ', time(data.p95[bin])),
    field('', number(data.g[bin]), '/s good'), field('', number(data.e[bin]), '/s errors'),
    ...(data.c ? [field('thread ', data.c[bin] == null ? 'no reading' : data.c[bin] + ' %')] : []),
    ...(data.m ? [field('memory ', data.m[bin] == null ? 'no reading' : data.m[bin] + ' MB')] : []));
};
const clear = () => {
  bin = -1;
  for (const plot of plots) plot.querySelector('.ch').style.display = 'none';
  line.replaceChildren(...hint);
};
plots.forEach((plot, index) => {
  if (index === 1) {
    plot.tabIndex = 0;
    plot.setAttribute('role', 'group');
    plot.setAttribute('aria-label', 'Time charts: arrow keys move the reading line');
  }
  plot.addEventListener('pointermove', event => {
    const box = plot.getBoundingClientRect();
    show(Math.floor((event.clientX - box.left) / box.width * data.length / data.bin));
  });
  plot.addEventListener('pointerleave', clear);
  plot.addEventListener('keydown', event => {
    const jump = Math.max(1, Math.round(30 / data.bin));
    const move = {ArrowRight: 1, ArrowLeft: -1, PageDown: jump, PageUp: -jump}[event.key];
    if (move) {
      show(bin < 0 ? 0 : bin + move);
      event.preventDefault();
    } else if (event.key === 'Escape') {
      clear();
    } else if (event.key === 'Enter' && bin >= 0) {
      line.setAttribute('aria-live', 'polite');
      show(bin);
      line.setAttribute('aria-live', 'off');
    }
  });
});
})();
