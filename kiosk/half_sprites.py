"""Pictures of pupils that are drawn by hand and are the same left and right: only the left half stands here.

Fourteen rows of seven points for each, top to bottom, in one line; the colours are those of `kiosk.sprites`.
"""

from __future__ import annotations

_DRAWN = """
🐻 ....... .nnn... nnnnn.. nttnnnn nnnnnnn .nnnnnn .nnnnnn .nnnknn .nnnknn .nnnntt .nnnttt .nnnttk ..nnktt ...nnkk
🐼 ....... .kkk... kkkkk.. kkkwwww kkwwwww .wwwwww .wwkkww .wkkkkw .wkwkkw .wkkkww .wwwwww .wwwwwk ..wwkww ...wwkk
🐨 .sss... sssss.. spppsss sppssss sssssss .ssssss .ssssss .ssskss .ssskse .sssssk .sssssk .sssssk ..sssse ...ssss
🐯 ....... .ooo... opooooo oooookk oooooko .oooook .kkoooo .oookoo .kkokoo .oooowp .kkowwk .ooowww ..oowwk ...owww
🦁 ..n.n.. .nnnnnn nnnnnnn nnyyyyy nnyyyyy nyyyyyy nyyykyy nyyykyy nyyyyyt nnyyytk nnyyttt nnnyytk .nnnytt ..nnnnn
🐱 .y..... .yy.... .ypy... .yppyyy .yyyyyo .yyyyyy .yyyyyy .yygkyy .yygkyy kyyyyyw .yyyywp kkyyyww ..yyywk ...yyyy
🐶 ....... ..wwwww .nwwwww nnwwwww nnnwwww nnnwwww nnnwkww nnnwkww nn.wwww nn.wwkk n..wwkk ...wwwk ...wwwp ....wwp
🐺 .e..... .ee.... .ese... .esseee .eeeeee .eeeeee .eeyeee .eeykee sseeess ssseess .ssssss ..sssek ...ssse ....sss
🦊 .o..... .oo.... .oko... .okkooo .oooooo .oooooo .oookoo .oookoo wwooooo wwwoooo .wwwwoo ..wwwwk ...wwwk ....www
🐰 ..ww... .wppw.. .wppw.. .wppw.. .wppw.. ..wpwww ..wwwww .wwwwww .wwwkww .wwwkww .wwwwww .wpwwwp ..wwwwk ...wwww
🐸 ....... ..ggg.. .gwwwg. .gwkkgg .gwkkgg .gggggg ggggggg ggggggg gggggkg gpggggg ggkgggg .ggkkkk ..ggggg ...gggg
🐧 ....... ...kkkk ..kkkkk .kkkkkk .kkwwkk .kwwwww .kwwkww .kwwkww .kwwwwo .kwwwoo kkkwwwo kkwwwww k.wwwww ..oooww
🦉 .n..... .nn.nnn .nnnnnn .nnnnnn .nwwwnn .wwwwwn .wwkkwn .wwkkwo .nwwwno nnnnnno nntntnt nnnntnt .nnntnn ..oo.nn
🐤 ....... ....yyy ..yyyyy .yyyyyy .yyyyyy .yykyyy .yykyyy .yyyyoo .yyyooo .yyyyoo oyyyyyy oyyyyyy .yyyyyy ..yyyyy
🦄 ......y .....yy .ww..yl .wpw.ll .wwwwll .wwwwwp .wwwwwp .wwkwww .wwkwww .wwwwww ..wwwww ..ptttt ..ptktt ...tttt
🐙 ....... ...rrrr ..rrrrr .rrrrrr .rrrrrr .rrwwrr .rrwkrr .rrrrrr .rrrrrk ..rrrrr rrrrrrr rr.rrrr ..rr.rr .rr..r.
🐞 .....k. ..k..k. ...k.kk ...kkkk ..kwkkk .rrkkkk rrrrrrk rrkrrrk rrrrrrk rrrrkrk rrrrrrk rkkrrrk .rrrrrk ..rrrrk
🐝 .....k. ...k.k. ....kkk .bb.yyy bbbbyky bbbbyyy bbbbkkk .bbbyyy ..b.yyy ....kkk ....yyy .....yy .....kk ......k
🐢 ....... .....gg .....gk .....gg .gg.ddd gggdddg .gddddg ..ddggd ..dgddd ..dgddd .gddggd gggdddg .gg.ddd ......g
🦋 ..k...k ...k..k vvv.k.k vllv.kk vlbllvk vllllvk .vlllvk ..vvvvk .vlllvk vllollk vlooolk .vllv.k ..vv..k .......
🦀 ....... rr..... r.rr... rrrr... .rr.k.. ..r.w.. ..r.rrr r..rrrr .rrrrrr rrrrrrk .rrrrrr r..rrrr .rr.... .......
🐘 ....... ...ssss .ssssss ssssees spssess sppsess sppsesk sppsess .spsess ..ssess ....ses .....es .....se .....ss
🐴 ..n..nn ..nn.nn ..nnnne ..nnnee ..nnnee ..nnnne ..nknnn ..nknnn ..nnnnn ..nnnnn ...tttt ...tktt ...tttt ....ttt
⭐ ......o ......o .....oo .....oo ....ooo ooooooo .oooooo ..oykyo ...okoo ...oook ..ooooo ..oooo. .ooo... .o.....
🚀 ......r .....rr .....rr ....www ....www ....wbb ....wbc ....wbb ....www ..rrwww .rrrwww .rr.rrr .....oy ......o
🍎 .....gn ....ggn .....gn .rrrrrn rrrrrrr rwrrrrr rwrrrrr rrrrrrr rrrrrrr rrrrrrr .rrrrrr .rrrrrr ..rrrrr ...rr..
🍓 ....... ...d..d ..ddddd .rdddrd rrrddrr rryrrrr rrrrryr rrrrrrr .ryrrrr .rrrryr ..rrrrr ..rryrr ...rrrr .....rr
🍄 ....... ...rrrr ..rrwwr .rrrwwr rrrrrrr rwwrrrr rwwrrww rrrrrww .rrrrrr ...tttt ...tktt ...tttt ...tttt ....ttt
🌻 .....o. ..o..oy ..oyoyy ...yyyy .oyynnn ..ynnnn oyynnnn .oynnnn ..yynnn .oyyyyy ..o.oyd ...o..d ..dd..d ...dddd
🌷 ....... ..p...p ..pp.pp ..ppppp ..ppppp ..ppppp ..ppppp ...pppp ......d .d....d .dd...d ..dd..d ...dddd ......d
🌲 ......d .....dd .....dg ....ddd ....dgd ...dddd .....dd ....ddd ...dddg ..ddddd .dddddd ddddddd .....nn .....nn
⚽ ....... ...wwww ..wwwww .wwwwkk .wwwkkk wwwwkkk wwwwwkk kwwwwww kkwwwww kkwwwww .kwwwkw ..wwkkk ...wwww .......
👑 ....... ......y ......y y.....y yy...yy yyy..yy yyyyyyy yyyyyyy yyyyyyy yrryyyb yrryybb yyyyyyb ooooooo .......
🎈 ....rrr ..rrrrr .rrwrrr .rwrrrr rrwrrrr rrrrrrr rrrrrrr .rrrrrr .rrrrrr ..rrrrr ...rrrr .....rr ......k ......k
💎 ....... ..ccccc .ccwccc ccwcccc ccccccc bbbbbbb .bbbbcc .bbbbcc ..bbbcc ...bbbc ....bbc .....bc ......b .......
🏠 ......r .....rr ....rrr ...rrrr ..rrrrr .rrrrrr ..wwwww ..wwwww ..wbbww ..wbbwn ..wwwwn ..wwwwn ..wwwwn .......
💳 ....... ....... lllllll lllllll kkkkkkk kkkkkkk lllllll lwwwwww lllllll lyylwww lyyllll lllllll ....... .......
👇 ....... ..ttttt .tttttt .tttttt .tttttt .tttttt ..ttttt ....ttt .....tt .....tt .....tt .....tt .....tt .......
🍪 ....... ...nnnn ..ntttt .nttktt ntttttt nttttkk nkttttt nttttkt ntttttt ntktttt .ntttkt ..ntttt ...nnnn .......
"""

HALVES = {line.split(" ", 1)[0]: tuple(line.split(" ")[1:]) for line in _DRAWN.strip().splitlines()}
