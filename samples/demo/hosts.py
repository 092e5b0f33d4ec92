"""Campus Example: who runs what, and what is wrong with it.

A row is name, department, owner, and how the host is served; `serve` takes the keywords of
Host (demo.py makes certificates and servers from them).
"""
from dataclasses import dataclass, field

ZONES = ("campus.example", "hospital.example", "press.example")


@dataclass
class Host:
    name: str
    department: str
    owner: str
    ca: str = "green"          # which issuing CA; "self" for self-signed
    key: str = "ec256"         # or "rsa2048", …; "=NAME" is the key of another host
    left: float = 60           # days until the leaf ends
    life: int = 90
    send: str = "leaf ca"      # what the server sends, in order: leaf, ca, root, other
    names: tuple = ()          # names in the certificate; the host's own where empty
    protocols: str = "TLSv1.2 TLSv1.3"
    server: str = "nginx"      # nginx, client-cert, reject, http, silent, closed, refused, none, no-address
    addresses: int = 1
    stale: bool = False        # the second address still has last year's certificate
    leaf: dict = field(default_factory=dict)  # more for Authority.issue
    alias: str = ""            # the name is a CNAME of this one


HOSTS = [
    # Central IT
    Host("www.campus.example", "Central IT", "Dana Whitfield", addresses=3, names=("campus.example", "www.campus.example")),
    Host("campus.example", "Central IT", "Dana Whitfield", names=("campus.example", "www.campus.example")),
    Host("login.campus.example", "Central IT", "Dana Whitfield", left=74, key="ec384"),
    Host("mail.campus.example", "Central IT", "Ilse Brandt", ca="amber", key="rsa2048", left=12, life=365),
    Host("vpn.campus.example", "Central IT", "Ilse Brandt", ca="amber", key="rsa2048", left=25, life=365, protocols="TLSv1.2"),
    Host("git.campus.example", "Central IT", "Dana Whitfield", left=81),
    Host("status.campus.example", "Central IT", "Dana Whitfield", left=2, life=90),
    Host("intranet.campus.example", "Central IT", "Ilse Brandt", ca="private", key="rsa2048", left=400, life=730, send="leaf ca root"),
    Host("old-proxy.campus.example", "Central IT", "Ilse Brandt", key="rsa2048", protocols="TLSv1 TLSv1.1", left=41),
    Host("cache.campus.example", "Central IT", "Dana Whitfield", addresses=2, stale=True, left=55),
    # Library
    Host("library.campus.example", "Library", "Amara Okafor", left=66, alias="web1.campus.example"),
    Host("catalog.library.campus.example", "Library", "Amara Okafor", send="leaf", left=33),
    Host("proxy.library.campus.example", "Library", "Amara Okafor", ca="amber", key="rsa2048", left=-9, life=365),
    Host("archive.library.campus.example", "Library", "Amara Okafor", ca="self", key="rsa2048"),
    Host("scans.library.campus.example", "Library", "Amara Okafor", left=20, names=("scanner.library.campus.example",)),
    # Physics
    Host("physics.campus.example", "Physics", "Tomás Rivera", left=70),
    Host("telescope.physics.campus.example", "Physics", "Tomás Rivera", left=-31),
    Host("lab1.physics.campus.example", "Physics", "Tomás Rivera", left=44),
    Host("lab2.physics.campus.example", "Physics", "Tomás Rivera", left=44, names=("lab1.physics.campus.example",), key="=lab1.physics.campus.example"),
    Host("daq.physics.campus.example", "Physics", "Tomás Rivera", server="silent"),
    Host("printer.physics.campus.example", "Physics", "Tomás Rivera", server="http"),
    # Medicine
    Host("hospital.example", "School of Medicine", "Grace Kim", ca="amber", key="rsa2048", left=150, life=365, leaf={"policy": "OV"}),
    Host("portal.hospital.example", "School of Medicine", "Grace Kim", ca="amber", key="rsa2048", left=6, life=365, leaf={"policy": "OV"}),
    Host("pacs.hospital.example", "School of Medicine", "Grace Kim", ca="private", key="rsa1024", left=900, life=3650, protocols="TLSv1 TLSv1.1 TLSv1.2", send="leaf"),
    Host("legacy-lab.hospital.example", "School of Medicine", "Grace Kim", ca="amber", key="rsa2048", left=200, life=365, leaf={"digest": "SHA1"}),
    Host("api.hospital.example", "School of Medicine", "Grace Kim", server="client-cert", left=62),
    Host("staging.hospital.example", "School of Medicine", "Grace Kim", left=110, life=90, names=("staging.hospital.example",)),
    # Registrar, Law, Facilities, Athletics
    Host("registrar.campus.example", "Registrar", "Noor Haddad", left=0.6, life=90),
    Host("enroll.campus.example", "Registrar", "Noor Haddad", left=58, leaf={"must_staple": True}),
    Host("transcripts.campus.example", "Registrar", "Noor Haddad", ca="amber", key="rsa2048", left=17, life=365, send="leaf other ca"),
    Host("law.campus.example", "Law School", "Piotr Zielinski", left=63, send="leaf ca root"),
    Host("clinic.law.campus.example", "Law School", "Piotr Zielinski", ca="amber", key="rsa2048", send="leaf", left=140, life=365),
    Host("moot.law.campus.example", "Law School", "Piotr Zielinski", left=48, leaf={"cn_only": True}),
    Host("bms.facilities.campus.example", "Facilities", "Lena Fischer", ca="private", key="rsa2048", left=610, life=1825, send="leaf ca"),
    Host("parking.facilities.campus.example", "Facilities", "Lena Fischer", left=29, leaf={"eku": False}),
    Host("doors.facilities.campus.example", "Facilities", "Lena Fischer", server="closed"),
    Host("tickets.athletics.campus.example", "Athletics", "Marcus Bell", ca="amber", key="rsa2048", left=36, life=900),
    Host("shop.athletics.campus.example", "Athletics", "Marcus Bell", ca="amber", key="=tickets.athletics.campus.example", left=88, life=365),
    Host("live.athletics.campus.example", "Athletics", "Marcus Bell", server="reject"),
    # University Press and Research Computing
    Host("press.example", "University Press", "Yuki Tanaka", left=77, names=("press.example", "www.press.example")),
    Host("www.press.example", "University Press", "Yuki Tanaka", left=77, names=("press.example", "www.press.example"), key="=press.example"),
    Host("books.press.example", "University Press", "Yuki Tanaka", ca="sunset", left=52, key="rsa2048"),
    Host("cluster1.hpc.campus.example", "Research Computing", "Samir Patel", left=68),
    Host("cluster2.hpc.campus.example", "Research Computing", "Samir Patel", server="refused"),
    Host("data.hpc.campus.example", "Research Computing", "Samir Patel", left=23, send="leaf root ca"),
    Host("notebooks.hpc.campus.example", "Research Computing", "Samir Patel", left=79, names=("*.hpc.campus.example",)),
    Host("gone.hpc.campus.example", "Research Computing", "Samir Patel", server="none"),
    Host("moved.hpc.campus.example", "Research Computing", "Samir Patel", server="no-address"),
]
